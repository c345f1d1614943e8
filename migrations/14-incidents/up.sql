-- Major network incidents, each with a parent case. `number` is what people see as MNI-0007; `scope` has a line for each
-- thing that is affected: platform:voice, service:FRA-1234, site:Frankfurt. It is there before its parent is: both are
-- written in one transaction.
CREATE TABLE incidents (
    case_id     INTEGER PRIMARY KEY REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    number      INTEGER NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    impact      TEXT NOT NULL,
    scope       TEXT NOT NULL,
    began_at    INTEGER NOT NULL,
    etr         INTEGER,
    cause       TEXT,
    closed_at   INTEGER,
    opened_at   INTEGER NOT NULL,
    opened_by   TEXT NOT NULL,
    manager     TEXT NOT NULL,
    updated_at  INTEGER NOT NULL,
    next_update INTEGER,
    reminded_at INTEGER,
    missed      INTEGER NOT NULL,
    updates     INTEGER NOT NULL
) STRICT;
CREATE INDEX incidents_open ON incidents (number) WHERE closed_at IS NULL;

-- What customers were told. It stands in the history of each case that was a child then: nothing is copied.
CREATE TABLE incident_updates (
    incident    INTEGER NOT NULL REFERENCES incidents (case_id),
    number      INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    author      TEXT NOT NULL,
    text        TEXT NOT NULL,
    etr         INTEGER,
    next_update INTEGER,
    PRIMARY KEY (incident, number)
) STRICT, WITHOUT ROWID;

-- Which cases are, or were, children. A case that is linked again after it was unlinked has another row.
CREATE TABLE incident_children (
    case_id     INTEGER NOT NULL REFERENCES cases (id),
    incident    INTEGER NOT NULL REFERENCES incidents (case_id),
    linked_at   INTEGER NOT NULL,
    unlinked_at INTEGER,
    PRIMARY KEY (case_id, incident, linked_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_children_by_incident ON incident_children (incident, case_id) WHERE unlinked_at IS NULL;

-- Cases that may belong to an incident. `settled` once they were linked, or staff have taken them out.
CREATE TABLE incident_proposals (
    incident    INTEGER NOT NULL REFERENCES incidents (case_id),
    case_id     INTEGER NOT NULL REFERENCES cases (id),
    why         TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    told_at     INTEGER,
    settled     INTEGER NOT NULL,
    PRIMARY KEY (incident, case_id)
) STRICT, WITHOUT ROWID;

-- Whose cases are about an incident is asked for each of ten thousand readers.
CREATE INDEX cases_open_by_reply_to ON cases (reply_to) WHERE closed_at IS NULL;
CREATE INDEX participants_by_email ON participants (email);
-- Which cases could be about an incident: the open ones of its time.
CREATE INDEX cases_open_by_time ON cases (opened_at) WHERE closed_at IS NULL;
