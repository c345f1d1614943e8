-- What customers have been promised, and how it stands (desk::sla).

ALTER TABLE cases ADD COLUMN etr INTEGER;

-- What is kept of a case's promises between two decisions.
CREATE TABLE service_levels (
    case_id     INTEGER PRIMARY KEY REFERENCES cases (id),
    rounds      INTEGER NOT NULL,
    round_at    INTEGER,
    public_at   INTEGER,
    etr         INTEGER,
    resolved_at INTEGER
) STRICT;

-- When no clock of a promise ran.
CREATE TABLE pauses (
    case_id INTEGER NOT NULL REFERENCES cases (id),
    from_at INTEGER NOT NULL,
    to_at   INTEGER,
    PRIMARY KEY (case_id, from_at)
) STRICT, WITHOUT ROWID;

-- The organisation is the requester's when it was promised: reports are about what was agreed with them then.
CREATE TABLE promises (
    id           INTEGER PRIMARY KEY,
    case_id      INTEGER NOT NULL REFERENCES cases (id),
    kind         TEXT NOT NULL,
    priority     TEXT NOT NULL,
    organisation INTEGER,
    started_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    warn_at      INTEGER,
    warned_at    INTEGER,
    met_at       INTEGER,
    breached_at  INTEGER,
    ended_at     INTEGER
) STRICT;
CREATE INDEX promises_by_case ON promises (case_id, id);
CREATE INDEX promises_by_start ON promises (started_at);
