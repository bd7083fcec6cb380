-- Conversations. See conversations/model.py for what the columns mean.

CREATE TABLE conversation_configurations (
    account_sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    default_chat_service_sid TEXT NOT NULL,
    webhooks TEXT NOT NULL,
    has_service_webhooks SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE conversation_services (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    default_conversation_creator_role_sid TEXT NOT NULL,
    default_conversation_role_sid TEXT NOT NULL,
    default_chat_service_role_sid TEXT NOT NULL,
    webhooks TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX conversation_services_of_account ON conversation_services (account_sid, created_at, sid);

CREATE TABLE conversation_roles (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    scope TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX conversation_roles_of_service ON conversation_roles (chat_service_sid, created_at, sid);

CREATE TABLE conversation_users (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    role_sid TEXT NOT NULL,
    identity TEXT NOT NULL,
    friendly_name TEXT,
    attributes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversation_users_identity ON conversation_users (chat_service_sid, identity);
CREATE INDEX conversation_users_of_service ON conversation_users (chat_service_sid, created_at, sid);

CREATE TABLE conversations (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    friendly_name TEXT,
    unique_name TEXT,
    attributes TEXT NOT NULL,
    state TEXT NOT NULL,
    next_index BIGINT NOT NULL,
    participant_count BIGINT NOT NULL,
    binding_count BIGINT NOT NULL,
    webhook_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX conversations_unique_name ON conversations (chat_service_sid, unique_name)
    WHERE unique_name IS NOT NULL;
CREATE INDEX conversations_of_service ON conversations (chat_service_sid, created_at, sid);
CREATE INDEX conversations_in_state ON conversations (chat_service_sid, state, created_at, sid);

CREATE TABLE conversation_participants (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    identity TEXT,
    binding_type TEXT,
    address TEXT,
    proxy_address TEXT,
    level TEXT,
    name TEXT,
    holds_pair SMALLINT NOT NULL,
    role_sid TEXT,
    attributes TEXT NOT NULL,
    last_read_message_index BIGINT,
    last_read_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversation_participants_of_conversation
    ON conversation_participants (conversation_sid, created_at, sid);
-- An address pair is bound to at most one conversation that is not closed.
CREATE UNIQUE INDEX conversation_participants_pair
    ON conversation_participants (account_sid, address, proxy_address) WHERE holds_pair = 1;
CREATE UNIQUE INDEX conversation_participants_identity
    ON conversation_participants (conversation_sid, identity) WHERE identity IS NOT NULL;
CREATE INDEX conversation_participants_by_identity
    ON conversation_participants (chat_service_sid, identity, created_at, sid) WHERE identity IS NOT NULL;
CREATE INDEX conversation_participants_by_address
    ON conversation_participants (chat_service_sid, address, created_at, sid) WHERE address IS NOT NULL;

CREATE TABLE conversation_messages (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    message_index BIGINT NOT NULL,
    author TEXT NOT NULL,
    participant_sid TEXT,
    body TEXT,
    subject TEXT,
    attributes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversation_messages_in_order ON conversation_messages (conversation_sid, message_index);
