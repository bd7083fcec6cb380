-- Tasks handed on by their workers. See taskrouter/model.py for what the columns mean.

CREATE TABLE transfers (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    initiating_reservation_sid TEXT NOT NULL,
    initiating_worker_sid TEXT NOT NULL,
    initiating_queue_sid TEXT,
    initiating_workflow_sid TEXT,
    transfer_mode TEXT NOT NULL,
    transfer_to TEXT NOT NULL,
    transfer_status TEXT NOT NULL,
    transfer_failed_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX transfers_of_task ON transfers (task_sid, created_at, sid);
