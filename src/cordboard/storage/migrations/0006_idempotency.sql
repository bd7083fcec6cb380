-- Answers of calls that came with an Idempotency-Key, for a day. The body is sealed: it may hold a secret that is shown once.

CREATE TABLE kept_answers (
    account_sid TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    status BIGINT NOT NULL,
    headers TEXT NOT NULL,
    sealed_body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, idempotency_key)
);
CREATE INDEX kept_answers_by_age ON kept_answers (account_sid, expires_at);
