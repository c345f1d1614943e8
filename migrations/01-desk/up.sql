-- The desk's data. Ids are given by the program (see counters); times are UTC milliseconds; every table is STRICT.
-- The dialect is the one that SQLite and PostgreSQL share, but for the blobs' names.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;

-- Sources ------------------------------------------------------------------------------------------------------------

-- How far each mailbox is read: everything below next_uid of this epoch (UIDVALIDITY) is committed, held or absent.
CREATE TABLE mailboxes (
    name     TEXT PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    next_uid INTEGER NOT NULL
) STRICT;

-- Every mail ever taken from a source, by its place there. These keys outlive the mails. What is to be done with the
-- mail there (mark, move, delete) is in finish until it is done: a crash in between does it again.
CREATE TABLE arrivals (
    mailbox TEXT NOT NULL,
    epoch   INTEGER NOT NULL,
    key     TEXT NOT NULL,
    mail    INTEGER,
    finish  TEXT,
    PRIMARY KEY (mailbox, epoch, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX arrivals_unfinished ON arrivals (mailbox, epoch) WHERE finish IS NOT NULL;

CREATE TABLE mails (
    id           INTEGER PRIMARY KEY,
    case_id      INTEGER REFERENCES cases (id),
    kind         TEXT NOT NULL,
    disposition  TEXT NOT NULL,
    message_id   TEXT,
    identity     BLOB,
    content      BLOB NOT NULL,
    mailbox      TEXT NOT NULL,
    received_at  INTEGER NOT NULL,
    read_at      INTEGER NOT NULL,
    sender       TEXT NOT NULL,
    sender_name  TEXT,
    standing     TEXT,
    subject      TEXT NOT NULL,
    size_bytes   INTEGER NOT NULL,
    truncated    INTEGER NOT NULL,
    verified     INTEGER NOT NULL,
    why          TEXT NOT NULL,
    evidence     TEXT NOT NULL,
    raw_zstd     BLOB NOT NULL
) STRICT;
CREATE INDEX mails_by_content ON mails (content);
CREATE INDEX mails_by_identity ON mails (identity) WHERE identity IS NOT NULL;
CREATE INDEX mails_by_message_id ON mails (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX mails_by_case ON mails (case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX mails_by_disposition ON mails (disposition, id) WHERE case_id IS NULL;

CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY,
    mailbox     TEXT NOT NULL,
    epoch       INTEGER NOT NULL,
    key         TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    held_at     INTEGER NOT NULL,
    released_at INTEGER,
    reason      TEXT NOT NULL,
    size_bytes  INTEGER NOT NULL,
    raw_zstd    BLOB
) STRICT;

-- Cases --------------------------------------------------------------------------------------------------------------

CREATE TABLE cases (
    id                 INTEGER PRIMARY KEY,
    reference          TEXT NOT NULL UNIQUE,
    status             TEXT NOT NULL,
    priority           TEXT NOT NULL,
    subject            TEXT NOT NULL,
    requester          TEXT NOT NULL,
    requester_name     TEXT,
    reply_to           TEXT NOT NULL,
    reply_to_name      TEXT,
    utc_offset_seconds INTEGER,
    assignee           TEXT,
    opened_at          INTEGER NOT NULL,
    closed_at          INTEGER,
    reviewed_at        INTEGER,
    last_public_at     INTEGER,
    hold_until         INTEGER,
    duplicate_of       INTEGER REFERENCES cases (id),
    spam               INTEGER NOT NULL
) STRICT;
CREATE INDEX cases_by_status ON cases (status, id);
CREATE INDEX cases_by_requester ON cases (requester, id);

CREATE TABLE participants (
    case_id INTEGER NOT NULL REFERENCES cases (id),
    email   TEXT NOT NULL,
    name    TEXT,
    PRIMARY KEY (case_id, email)
) STRICT, WITHOUT ROWID;

-- One row a link; it is shown from both ends.
CREATE TABLE links (
    from_case INTEGER NOT NULL REFERENCES cases (id),
    to_case   INTEGER NOT NULL REFERENCES cases (id),
    kind      TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (from_case, to_case, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_target ON links (to_case, kind);

-- What happened to a case: written once, never changed.
CREATE TABLE history (
    id      INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    what    TEXT NOT NULL
) STRICT;
CREATE INDEX history_by_case ON history (case_id, id);

CREATE TABLE clocks (
    case_id INTEGER NOT NULL REFERENCES cases (id),
    clock   TEXT NOT NULL,
    due     INTEGER NOT NULL,
    PRIMARY KEY (case_id, clock)
) STRICT, WITHOUT ROWID;
CREATE INDEX clocks_by_due ON clocks (due);

-- Outgoing -----------------------------------------------------------------------------------------------------------

-- What is to be said. The bytes are made once, before the first try, and stay as they are.
CREATE TABLE notices (
    id            INTEGER PRIMARY KEY,
    case_id       INTEGER REFERENCES cases (id),
    kind          TEXT NOT NULL,
    automatic     INTEGER NOT NULL,
    decided_at    INTEGER NOT NULL,
    data          TEXT NOT NULL,
    recipients    TEXT NOT NULL,
    cause         TEXT NOT NULL,
    message_id    TEXT,
    envelope_from TEXT,
    subject       TEXT,
    bytes         BLOB,
    UNIQUE (cause, kind, recipients)
) STRICT;
CREATE INDEX notices_by_case ON notices (case_id, id) WHERE case_id IS NOT NULL;

CREATE TABLE notice_attachments (
    notice       INTEGER NOT NULL REFERENCES notices (id),
    position     INTEGER NOT NULL,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    bytes        BLOB NOT NULL,
    PRIMARY KEY (notice, position)
) STRICT;

CREATE TABLE deliveries (
    notice       INTEGER NOT NULL REFERENCES notices (id),
    recipient    TEXT NOT NULL,
    state        TEXT NOT NULL,
    automatic    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    next_try_at  INTEGER NOT NULL,
    settled_at   INTEGER,
    answer       TEXT,
    PRIMARY KEY (notice, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_waiting ON deliveries (next_try_at, notice) WHERE state = 'waiting';
CREATE INDEX deliveries_by_recipient ON deliveries (recipient, created_at) WHERE automatic = 1;

-- Addresses that get no automatic mail.
CREATE TABLE suppressions (
    email  TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    actor  TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

-- Cases that are told in one list instead of a mail each.
CREATE TABLE digests (
    email TEXT NOT NULL,
    kind  TEXT NOT NULL,
    due   INTEGER NOT NULL,
    PRIMARY KEY (email, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE digest_cases (
    email   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    PRIMARY KEY (email, kind, case_id)
) STRICT, WITHOUT ROWID;
