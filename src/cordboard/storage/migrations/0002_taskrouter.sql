-- TaskRouter. See taskrouter/model.py for what the columns mean.

CREATE TABLE workspaces (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    event_callback_url TEXT NOT NULL,
    events_filter TEXT,
    multi_task_enabled SMALLINT NOT NULL,
    prioritize_queue_order TEXT NOT NULL,
    default_activity_sid TEXT NOT NULL,
    timeout_activity_sid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX workspaces_of_account ON workspaces (account_sid, created_at, sid);

CREATE TABLE activities (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    available SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX activities_of_workspace ON activities (workspace_sid, created_at, sid);

CREATE TABLE task_channels (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    unique_name TEXT NOT NULL,
    channel_optimized_routing SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX task_channels_by_name ON task_channels (workspace_sid, unique_name);

CREATE TABLE task_queues (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    target_workers TEXT NOT NULL,
    max_reserved_workers BIGINT NOT NULL,
    task_order TEXT NOT NULL,
    reservation_activity_sid TEXT,
    assignment_activity_sid TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX task_queues_by_name ON task_queues (workspace_sid, friendly_name);

CREATE TABLE workflows (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    configuration TEXT NOT NULL,
    configuration_number BIGINT NOT NULL,
    re_evaluated_number BIGINT NOT NULL,
    assignment_callback_url TEXT NOT NULL,
    fallback_assignment_callback_url TEXT NOT NULL,
    reservation_timeout_s BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX workflows_of_workspace ON workflows (workspace_sid, created_at, sid);

CREATE TABLE workflow_configurations (
    workflow_sid TEXT NOT NULL,
    number BIGINT NOT NULL,
    workspace_sid TEXT NOT NULL,
    configuration TEXT NOT NULL,
    PRIMARY KEY (workflow_sid, number)
);

CREATE TABLE workers (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    activity_sid TEXT NOT NULL,
    available SMALLINT NOT NULL,
    attributes TEXT NOT NULL,
    channels TEXT NOT NULL,
    status_changed_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX workers_by_name ON workers (workspace_sid, name_key);
CREATE INDEX workers_of_workspace ON workers (workspace_sid, created_at, sid);
CREATE INDEX workers_by_activity ON workers (activity_sid);

CREATE TABLE tasks (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    workflow_sid TEXT,
    configuration_number BIGINT,
    task_queue_sid TEXT,
    task_channel_sid TEXT NOT NULL,
    task_channel_unique_name TEXT NOT NULL,
    assignment_status TEXT NOT NULL,
    attributes TEXT NOT NULL,
    addons TEXT NOT NULL,
    priority BIGINT NOT NULL,
    reason TEXT,
    timeout_s BIGINT NOT NULL,
    routing_target TEXT,
    ignore_capacity SMALLINT NOT NULL,
    assignment_counter BIGINT NOT NULL,
    virtual_start_at BIGINT NOT NULL,
    queue_entered_at BIGINT,
    ended_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    offered_to TEXT NOT NULL,
    transfer TEXT,
    standing TEXT
);
CREATE INDEX tasks_of_workspace ON tasks (workspace_sid, created_at, sid);
CREATE INDEX tasks_open ON tasks (workspace_sid, task_queue_sid) WHERE ended_at IS NULL;

CREATE TABLE reservations (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    worker_sid TEXT NOT NULL,
    worker_name TEXT NOT NULL,
    reservation_status TEXT NOT NULL,
    task_queue_sid TEXT,
    workflow_sid TEXT,
    task_channel_sid TEXT NOT NULL,
    worker_previous_activity_sid TEXT,
    timeout_s BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    on_hold SMALLINT NOT NULL,
    transfer_sid TEXT
) WITHOUT ROWID;
CREATE INDEX reservations_of_task ON reservations (task_sid, created_at, sid);
CREATE INDEX reservations_of_worker ON reservations (worker_sid, created_at, sid);
CREATE UNIQUE INDEX reservations_one_offer ON reservations (task_sid, worker_sid) WHERE reservation_status = 'pending';
