-- What people's calendars answered to mails about planned works; the last answer of each counts.
CREATE TABLE works_answers (
    mail     INTEGER PRIMARY KEY REFERENCES mails (id),
    works    INTEGER NOT NULL REFERENCES works (id),
    email    TEXT NOT NULL,
    -- which of the windows, counted from 1; none where only the works are known
    window   INTEGER,
    -- accepted, tentative, declined, countered
    answer   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    -- of the notice that was answered
    sequence INTEGER,
    comment  TEXT
) STRICT;
CREATE INDEX works_answers_by_works ON works_answers (works, email);
