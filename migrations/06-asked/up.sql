-- What mails ask for on a case, in the words of desk::cues::Request. `standing` is the writer's to the case; none in the
-- mail that opened it. Nothing here moves a case by itself.
CREATE TABLE requests (
    id       INTEGER PRIMARY KEY,
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    mail_id  INTEGER NOT NULL REFERENCES mails (id),
    at       INTEGER NOT NULL,
    request  TEXT NOT NULL,
    writer   TEXT NOT NULL,
    standing TEXT,
    rule     TEXT NOT NULL
) STRICT;
CREATE INDEX requests_by_case ON requests (case_id, id);

-- What mails tell of a case's matter. `place` is where it stood, `doubt` why staff should not rely on it.
CREATE TABLE fields (
    id      INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    mail_id INTEGER NOT NULL REFERENCES mails (id),
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    place   TEXT NOT NULL,
    rule    TEXT NOT NULL,
    doubt   TEXT
) STRICT;
CREATE INDEX fields_by_case ON fields (case_id, id);

-- What the customer was asked for, once, and when they told it.
CREATE TABLE wanted (
    case_id  INTEGER NOT NULL REFERENCES cases (id),
    name     TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    told_at  INTEGER,
    PRIMARY KEY (case_id, name)
) STRICT, WITHOUT ROWID;
