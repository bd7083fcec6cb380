-- Customers to be forgotten. While one is being erased the name is here, sealed; afterwards only its keyed hash is.

CREATE TABLE erasures (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    digest TEXT NOT NULL,
    sealed_name TEXT,
    status TEXT NOT NULL,
    step BIGINT NOT NULL,
    behind TEXT NOT NULL,
    counts TEXT NOT NULL,
    completed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX erasures_of_account ON erasures (account_sid, created_at, sid);
