-- Who asked for a reason for outage or an incident report of a case: one row for each kind and person. `due` and
-- `remind_at` are set when the clock runs, that is, once the case is resolved.
CREATE TABLE rfos (
    id          INTEGER PRIMARY KEY,
    case_id     INTEGER NOT NULL REFERENCES cases (id),
    kind        TEXT NOT NULL,
    email       TEXT NOT NULL,
    name        TEXT,
    state       TEXT NOT NULL,
    asked_at    INTEGER NOT NULL,
    due         INTEGER,
    remind_at   INTEGER,
    reminded_at INTEGER,
    overdue_at  INTEGER,
    settled_at  INTEGER,
    UNIQUE (case_id, kind, email)
) STRICT;

-- What staff have written for the reports of a case; a report names the times by itself. `preventive` is a JSON list.
CREATE TABLE rfo_drafts (
    case_id    INTEGER PRIMARY KEY REFERENCES cases (id),
    impact     TEXT,
    cause      TEXT,
    resolution TEXT,
    preventive TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at INTEGER NOT NULL
) STRICT;

-- Problem records: several cases, one cause. The number is what people see as P-0001.
CREATE TABLE problems (
    id         INTEGER PRIMARY KEY,
    title      TEXT NOT NULL,
    status     TEXT NOT NULL,
    cause      TEXT,
    workaround TEXT,
    opened_at  INTEGER NOT NULL,
    opened_by  TEXT NOT NULL,
    closed_at  INTEGER
) STRICT;

-- What is done so that it does not happen again.
CREATE TABLE problem_actions (
    problem  INTEGER NOT NULL REFERENCES problems (id),
    number   INTEGER NOT NULL,
    text     TEXT NOT NULL,
    owner    TEXT,
    due      INTEGER,
    done_at  INTEGER,
    PRIMARY KEY (problem, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE problem_cases (
    problem INTEGER NOT NULL REFERENCES problems (id),
    case_id INTEGER NOT NULL REFERENCES cases (id),
    PRIMARY KEY (problem, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX problem_cases_by_case ON problem_cases (case_id, problem);

CREATE TABLE problem_history (
    id      INTEGER PRIMARY KEY,
    problem INTEGER NOT NULL REFERENCES problems (id),
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    text    TEXT NOT NULL
) STRICT;
CREATE INDEX problem_history_by_problem ON problem_history (problem, id);

-- Requests for a manager's attention on a case. `organisation` is whose they are counted as: an organisation of the
-- directory, else a domain or an address. `call_back_due` is set while a call back is wanted.
CREATE TABLE attentions (
    id              INTEGER PRIMARY KEY,
    case_id         INTEGER NOT NULL REFERENCES cases (id),
    channel         TEXT NOT NULL,
    at              INTEGER NOT NULL,
    person          TEXT NOT NULL,
    telephone       TEXT,
    manager_contact TEXT,
    reason          TEXT,
    milestone       TEXT,
    is_urgent       INTEGER NOT NULL,
    organisation    TEXT NOT NULL,
    call_back_due   INTEGER,
    called_back_at  INTEGER,
    missed_at       INTEGER
) STRICT;
CREATE INDEX attentions_by_case ON attentions (case_id, id);
CREATE INDEX attentions_by_organisation ON attentions (organisation, at);

-- The action plan of a case: tasks of either side.
CREATE TABLE tasks (
    case_id     INTEGER NOT NULL REFERENCES cases (id),
    number      INTEGER NOT NULL,
    text        TEXT NOT NULL,
    owner       TEXT NOT NULL,
    side        TEXT NOT NULL,
    added_at    INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    state       TEXT NOT NULL,
    settled_at  INTEGER,
    reminded_at INTEGER,
    overdue_at  INTEGER,
    PRIMARY KEY (case_id, number)
) STRICT, WITHOUT ROWID;
