-- Calls to URLs of accounts. Those that wait have a time at which they are due.

CREATE TABLE deliveries (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    position BIGINT NOT NULL,
    resource_sid TEXT NOT NULL,
    url TEXT NOT NULL,
    fallback_url TEXT NOT NULL,
    method TEXT NOT NULL,
    content TEXT NOT NULL,
    payload TEXT NOT NULL,
    limit_ms BIGINT NOT NULL,
    asks TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    lane TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    holds_until BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    answer_status BIGINT,
    error_code BIGINT,
    error TEXT,
    settled_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Of those that wait: by receiver, and by lane.
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at, position) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (lane, position, holds_until) WHERE due_at IS NOT NULL;

CREATE INDEX deliveries_of_account ON deliveries (account_sid, created_at, sid);
CREATE INDEX deliveries_of_status ON deliveries (account_sid, status, created_at, sid);
CREATE INDEX deliveries_of_resource ON deliveries (resource_sid, created_at, sid);
CREATE INDEX deliveries_parked ON deliveries (settled_at) WHERE status = 'parked';
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;
