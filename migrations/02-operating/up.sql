-- What whoever runs the desk wants to know of it.

-- How each mailbox fares, as the daemon last saw it.
CREATE TABLE mailbox_health (
    name            TEXT PRIMARY KEY,
    -- none while there is no connection
    connected_since INTEGER,
    -- when it was last read to its end
    looked_at       INTEGER,
    -- when its server had the newest mail that was taken in
    last_mail_at    INTEGER,
    -- mails that were there and not yet taken in, when that was last seen
    behind          INTEGER NOT NULL
) STRICT;

-- What keeps the desk from working. One row from its beginning to its end; staff are told of it once, and of its end.
CREATE TABLE troubles (
    id       INTEGER PRIMARY KEY,
    area     TEXT NOT NULL,
    nature   TEXT NOT NULL,
    error    TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    times    INTEGER NOT NULL,
    told_at  INTEGER,
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX troubles_now ON troubles (area) WHERE ended_at IS NULL;
CREATE INDEX troubles_by_end ON troubles (ended_at);

-- A notice to very many goes out beside the answers to people, not before them.
ALTER TABLE deliveries ADD COLUMN bulk INTEGER NOT NULL DEFAULT 0;
DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_waiting ON deliveries (bulk, next_try_at, notice) WHERE state = 'waiting';
