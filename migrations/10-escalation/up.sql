-- Whose turn it is to be given a case: the higher, the later somebody got one.
CREATE TABLE turns (
    email TEXT PRIMARY KEY,
    turn  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How many open cases each of the staff has.
CREATE INDEX cases_open_by_assignee ON cases (assignee, status) WHERE closed_at IS NULL AND assignee IS NOT NULL;

-- How far up a case is, and from when its age counts there. A case without a row is where all begin; a row may be there
-- before its case is: both are written in one transaction.
CREATE TABLE escalations (
    case_id       INTEGER PRIMARY KEY REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    level         INTEGER NOT NULL,
    escalated_at  INTEGER,
    by_mail_at    INTEGER,
    -- the age counts from here: the opening or reopening, moved on by the time for which the case waited
    counts_from   INTEGER NOT NULL,
    step_from     INTEGER,
    waiting_since INTEGER
) STRICT;

-- What was proposed to a customer: that the case waits until the next business day.
CREATE TABLE deferrals (
    case_id     INTEGER PRIMARY KEY REFERENCES cases (id),
    until       INTEGER NOT NULL,
    asked_at    INTEGER NOT NULL,
    asked_by    TEXT NOT NULL,
    answer      TEXT,
    answered_at INTEGER,
    answered_by TEXT
) STRICT;
