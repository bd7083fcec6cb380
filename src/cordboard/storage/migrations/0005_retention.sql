-- What is over is found by when it ended, for its time to be removed comes (docs/operating.md).

CREATE INDEX tasks_ended ON tasks (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX conversations_closed ON conversations (updated_at) WHERE state = 'closed';
CREATE INDEX flex_channels_closed ON flex_channels (updated_at) WHERE status = 'closed';
