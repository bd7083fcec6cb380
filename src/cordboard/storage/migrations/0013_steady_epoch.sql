-- One number, raised by whoever changes a row of a steady table: what a node remembers of those tables holds while it stands.

CREATE TABLE steady_epoch (epoch BIGINT NOT NULL);
INSERT INTO steady_epoch (epoch) VALUES (0);
