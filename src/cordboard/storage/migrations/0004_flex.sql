-- Flex. See flex/model.py for what the columns mean.

CREATE TABLE flex_configurations (
    account_sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    flex_instance_sid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE flex_interactions (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    context_sid TEXT,
    webhook_ttid TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE flex_channels (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    interaction_sid TEXT NOT NULL,
    type TEXT NOT NULL,
    initiated_by TEXT NOT NULL,
    status TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    business_address TEXT,
    business_name TEXT,
    error_code BIGINT,
    error_message TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX flex_channels_of_interaction ON flex_channels (interaction_sid, created_at, sid);
-- A conversation is on at most one channel that is not closed.
CREATE UNIQUE INDEX flex_channels_open ON flex_channels (conversation_sid) WHERE status <> 'closed';

CREATE TABLE flex_invites (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    interaction_sid TEXT NOT NULL,
    channel_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX flex_invites_of_channel ON flex_invites (channel_sid, created_at, sid);
CREATE UNIQUE INDEX flex_invites_by_task ON flex_invites (task_sid);

CREATE TABLE flex_participants (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    interaction_sid TEXT NOT NULL,
    channel_sid TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    conversation_participant_sid TEXT NOT NULL,
    task_sid TEXT,
    worker_sid TEXT,
    reservation_sid TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX flex_participants_of_channel ON flex_participants (channel_sid, created_at, sid);
CREATE UNIQUE INDEX flex_participants_by_reservation ON flex_participants (reservation_sid)
    WHERE reservation_sid IS NOT NULL;
