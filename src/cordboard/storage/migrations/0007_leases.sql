-- What only one of several processes does at a time. ``until`` is in milliseconds of the database's clock.

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    until BIGINT NOT NULL
);
