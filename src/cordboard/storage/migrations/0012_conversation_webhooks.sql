-- Webhooks of single conversations. See conversations/model.py for what the columns mean.

CREATE TABLE conversation_webhooks (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    target TEXT NOT NULL,
    url TEXT,
    method TEXT NOT NULL,
    filters TEXT NOT NULL,
    triggers TEXT NOT NULL,
    flow_sid TEXT,
    replay_after BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX conversation_webhooks_of_conversation ON conversation_webhooks (conversation_sid, created_at, sid);
