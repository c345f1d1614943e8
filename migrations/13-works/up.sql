-- The desk's own planned works: what of them the customers' announcements do not have, and what touches what.
CREATE TABLE desk_works (
    works        INTEGER PRIMARY KEY REFERENCES works (id),
    -- in which they were planned
    zone         TEXT NOT NULL,
    description  TEXT NOT NULL,
    reason       TEXT NOT NULL,
    contact      TEXT,
    roll_back    TEXT,
    planner      TEXT NOT NULL,
    approver     TEXT,
    announced_at INTEGER,
    -- why they can't wait; why they are within protected hours
    emergency    TEXT,
    forced       TEXT,
    -- of the next notice, and of the last one that moved or cancelled them
    sequence     INTEGER NOT NULL,
    moved        INTEGER NOT NULL,
    -- which of the policy's recurring works, and the date on which it begins
    recurring    TEXT,
    occurs_on    TEXT,
    remind_at    INTEGER,
    started_at   INTEGER,
    ended_at     INTEGER,
    UNIQUE (recurring, occurs_on)
) STRICT;
CREATE INDEX desk_works_due ON desk_works (remind_at) WHERE remind_at IS NOT NULL;

-- A platform by its key, or a service; one of both.
CREATE TABLE work_places (
    works    INTEGER NOT NULL REFERENCES works (id),
    position INTEGER NOT NULL,
    platform TEXT,
    -- which may be removed from the directory later
    service  INTEGER,
    -- as it was named
    name     TEXT NOT NULL,
    impact   TEXT NOT NULL,
    PRIMARY KEY (works, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_places_by_platform ON work_places (platform) WHERE platform IS NOT NULL;
CREATE INDEX work_places_by_service ON work_places (service) WHERE service IS NOT NULL;

CREATE INDEX services_by_platform ON services (platform, organisation) WHERE platform IS NOT NULL;

-- What was done to the desk's works, by whom: written once, never changed.
CREATE TABLE works_history (
    id    INTEGER PRIMARY KEY,
    works INTEGER NOT NULL REFERENCES works (id),
    at    INTEGER NOT NULL,
    actor TEXT NOT NULL,
    text  TEXT NOT NULL
) STRICT;
CREATE INDEX works_history_by_works ON works_history (works, id);

-- Cases that customers' replies to mails about works have opened.
CREATE TABLE works_cases (
    works   INTEGER NOT NULL REFERENCES works (id),
    case_id INTEGER NOT NULL REFERENCES cases (id),
    PRIMARY KEY (works, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX works_cases_by_case ON works_cases (case_id);
