-- Accounts and their keys, the feed of events, durable alarms.

CREATE TABLE accounts (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    friendly_name TEXT NOT NULL,
    status TEXT NOT NULL,
    owner_sid TEXT NOT NULL,
    sealed_token TEXT NOT NULL,
    sealed_secondary_token TEXT,
    secondary_token_at BIGINT,
    sealed_retired_token TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    kind TEXT NOT NULL,
    friendly_name TEXT,
    policy TEXT,
    sealed_secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX api_keys_of_account ON api_keys (account_sid, created_at, sid);

-- One row: a text encrypted with the secret key, so that a wrong key is noticed at start.
CREATE TABLE canary (
    name TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL
);

CREATE TABLE feed (
    account_sid TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);

-- What happened: a row for the events of a unit, the last of which is at the position.
CREATE TABLE journal (
    account_sid TEXT NOT NULL,
    position BIGINT NOT NULL,
    count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account_sid, position)
);

-- Which rows of the journal tell of a resource.
CREATE TABLE journal_index (
    account_sid TEXT NOT NULL,
    resource_sid TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (account_sid, resource_sid, position)
) WITHOUT ROWID;

CREATE TABLE timers (
    kind TEXT NOT NULL,
    subject_sid TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_sid)
) WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due_at);
