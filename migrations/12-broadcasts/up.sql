-- One thing said to many: what, and who is still to be told. A reader's row goes with the notice that is made for them.

CREATE TABLE broadcasts (
    id         INTEGER PRIMARY KEY,
    topic      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    cause      TEXT NOT NULL UNIQUE,
    decided_at INTEGER NOT NULL,
    data       TEXT NOT NULL,
    -- somebody is still to be told
    waiting    INTEGER NOT NULL
) STRICT;
CREATE INDEX broadcasts_waiting ON broadcasts (id) WHERE waiting = 1;

CREATE TABLE broadcast_readers (
    broadcast    INTEGER NOT NULL REFERENCES broadcasts (id),
    email        TEXT NOT NULL,
    name         TEXT,
    organisation INTEGER,
    case_id      INTEGER REFERENCES cases (id),
    subscription INTEGER,
    PRIMARY KEY (broadcast, email)
) STRICT, WITHOUT ROWID;

-- What a notice to many is about: works:12, incident:7.
ALTER TABLE notices ADD COLUMN topic TEXT;

-- The lane in which a delivery goes out is a number now: 0 to a person, 1 of an incident, 2 to many.
ALTER TABLE deliveries ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
UPDATE deliveries SET lane = 2 WHERE bulk = 1;
DROP INDEX deliveries_waiting;
ALTER TABLE deliveries DROP COLUMN bulk;
CREATE INDEX deliveries_waiting ON deliveries (lane, next_try_at, notice) WHERE state = 'waiting';
