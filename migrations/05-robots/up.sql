-- Addresses that get no automatic mail, each for one cause or several, and until when.
CREATE TABLE suppressed (
    email  TEXT NOT NULL,
    -- bounce, complaint, loop, spam, staff
    cause  TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    -- none: until somebody lifts it
    until  INTEGER,
    PRIMARY KEY (email, cause)
) STRICT, WITHOUT ROWID;
INSERT INTO suppressed (email, cause, reason, actor, at)
SELECT email, CASE WHEN reason LIKE 'spam: %' THEN 'spam' ELSE 'staff' END, reason, actor, at FROM suppressions;
DROP TABLE suppressions;
ALTER TABLE suppressed RENAME TO suppressions;

-- Mails that did not arrive for reasons that pass, counted by address.
CREATE TABLE soft_failures (
    email    TEXT PRIMARY KEY,
    times    INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    reason   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Mails that came right after a mail to their sender: what two robots do, again and again. Of each notice at most one mail
-- is the answer.
CREATE TABLE prompted (
    mail          INTEGER PRIMARY KEY,
    email         TEXT NOT NULL,
    notice        INTEGER NOT NULL,
    -- when the notice was
    decided_at    INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    after_seconds INTEGER NOT NULL,
    -- no other mail of theirs came between
    first         INTEGER NOT NULL,
    -- hashes of what it says: with its subject as it is and its text without numbers; both without numbers; the subject alone
    same          TEXT NOT NULL,
    alike         TEXT NOT NULL,
    subject       TEXT NOT NULL,
    cites_us      INTEGER NOT NULL
) STRICT;
CREATE INDEX prompted_by_email ON prompted (email, received_at);
CREATE UNIQUE INDEX prompted_by_notice ON prompted (notice, email);

-- The last mail to an address, whoever wrote it.
CREATE INDEX deliveries_to ON deliveries (recipient, created_at);
