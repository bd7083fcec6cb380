-- TaskRouter's cumulative statistics. See taskrouter/store/statistics.py for what the columns mean.

CREATE TABLE statistics (
    subject_sid TEXT NOT NULL,
    width BIGINT NOT NULL,
    at BIGINT NOT NULL,
    task_channel_sid TEXT NOT NULL,
    figures TEXT NOT NULL,
    spells TEXT NOT NULL,
    splits TEXT NOT NULL,
    PRIMARY KEY (subject_sid, width, at, task_channel_sid)
) WITHOUT ROWID;
CREATE INDEX statistics_by_age ON statistics (at);

-- How far each account's events are in the statistics.
CREATE TABLE statistics_places (
    account_sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL
);
