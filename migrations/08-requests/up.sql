-- Change requests (move, add, change, delete): one a case.
CREATE TABLE macds (
    case_id          INTEGER PRIMARY KEY REFERENCES cases (id),
    -- move, add, change, delete; none when nobody has said which
    kind             TEXT,
    -- standard, expedited
    class            TEXT NOT NULL,
    -- waiting, approved, declined
    state            TEXT NOT NULL,
    requested_at     INTEGER NOT NULL,
    requested_by     TEXT NOT NULL,
    requested_by_name TEXT,
    estimate_minutes INTEGER,
    -- when the approval mails that count were decided
    asked_at         INTEGER,
    decided_at       INTEGER,
    decided_by       TEXT,
    respond_by       INTEGER,
    done_by          INTEGER
) STRICT;

-- Work on cases. An entry is never changed: what was wrong is marked as removed, and entered anew.
CREATE TABLE work_times (
    id             INTEGER PRIMARY KEY,
    case_id        INTEGER NOT NULL REFERENCES cases (id),
    -- counted on each case from 1
    number         INTEGER NOT NULL,
    entered_at     INTEGER NOT NULL,
    who            TEXT NOT NULL,
    minutes        INTEGER NOT NULL,
    billed_minutes INTEGER NOT NULL,
    -- in the currency's smallest unit; none where the work costs nothing
    price_minor    INTEGER,
    currency       TEXT,
    note           TEXT,
    removed_at     INTEGER,
    removed_by     TEXT,
    UNIQUE (case_id, number)
) STRICT;
CREATE INDEX work_times_by_time ON work_times (entered_at);

-- What lies at suppliers. Their mail is known by the domain and the reference together.
CREATE TABLE suppliers (
    id                INTEGER PRIMARY KEY,
    case_id           INTEGER NOT NULL REFERENCES cases (id),
    number            INTEGER NOT NULL,
    name              TEXT NOT NULL,
    their_reference   TEXT NOT NULL,
    domain            TEXT,
    opened_at         INTEGER NOT NULL,
    first_response_by INTEGER,
    expected_by       INTEGER,
    delays_until      INTEGER,
    closed_at         INTEGER,
    UNIQUE (case_id, number)
) STRICT;
CREATE INDEX suppliers_by_domain ON suppliers (domain) WHERE domain IS NOT NULL;
CREATE INDEX suppliers_open ON suppliers (case_id) WHERE closed_at IS NULL;

-- Planned works, the customers' own and the desk's.
CREATE TABLE works (
    id              INTEGER PRIMARY KEY,
    -- customer, desk
    whose           TEXT NOT NULL,
    -- planned, emergency
    kind            TEXT NOT NULL,
    -- incomplete, announced, cancelled, done
    state           TEXT NOT NULL,
    case_id         INTEGER REFERENCES cases (id),
    -- which may be removed from the directory later; services, too
    organisation    INTEGER,
    customer_number TEXT,
    owner           TEXT,
    announced_at    INTEGER NOT NULL,
    late            INTEGER NOT NULL
) STRICT;
CREATE INDEX works_by_case ON works (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX works_by_organisation ON works (organisation) WHERE organisation IS NOT NULL;

-- Their times; an end may not be known yet.
CREATE TABLE work_windows (
    works     INTEGER NOT NULL REFERENCES works (id),
    position  INTEGER NOT NULL,
    starts_at INTEGER,
    ends_at   INTEGER,
    PRIMARY KEY (works, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_windows_by_time ON work_windows (starts_at);

-- The services that they touch, as they were named; `service` where the directory knows it.
CREATE TABLE work_services (
    works    INTEGER NOT NULL REFERENCES works (id),
    name_key TEXT NOT NULL,
    name     TEXT NOT NULL,
    service  INTEGER,
    PRIMARY KEY (works, name_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_services_by_name ON work_services (name_key);
