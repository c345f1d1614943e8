-- Who the desk's customers are. Names, numbers and ids are compared by their keys: in capitals without blanks, names in
-- lower case.

CREATE TABLE organisations (
    id                INTEGER PRIMARY KEY,
    name              TEXT NOT NULL,
    name_key          TEXT NOT NULL UNIQUE,
    customer_number   TEXT,
    number_key        TEXT UNIQUE,
    reference_pattern TEXT,
    clocks            TEXT
) STRICT;

-- Whoever writes from such a domain, or from one below it, is of the organisation.
CREATE TABLE organisation_domains (
    domain       TEXT PRIMARY KEY,
    organisation INTEGER NOT NULL REFERENCES organisations (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX domains_by_organisation ON organisation_domains (organisation);

-- Addresses of their mailing lists.
CREATE TABLE organisation_lists (
    email        TEXT PRIMARY KEY,
    organisation INTEGER NOT NULL REFERENCES organisations (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lists_by_organisation ON organisation_lists (organisation);

CREATE TABLE contacts (
    id           INTEGER PRIMARY KEY,
    email        TEXT NOT NULL UNIQUE,
    name         TEXT,
    title        TEXT,
    telephone    TEXT,
    organisation INTEGER REFERENCES organisations (id),
    language     TEXT,
    zone         TEXT,
    system       INTEGER NOT NULL
) STRICT;
CREATE INDEX contacts_by_organisation ON contacts (organisation) WHERE organisation IS NOT NULL;

CREATE TABLE contact_roles (
    contact INTEGER NOT NULL REFERENCES contacts (id),
    role    TEXT NOT NULL,
    PRIMARY KEY (contact, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE services (
    id           INTEGER PRIMARY KEY,
    organisation INTEGER NOT NULL REFERENCES organisations (id),
    service_id   TEXT,
    service_key  TEXT UNIQUE,
    circuit_id   TEXT,
    circuit_key  TEXT,
    order_number TEXT,
    order_key    TEXT,
    platform     TEXT,
    site         TEXT
) STRICT;
CREATE INDEX services_by_organisation ON services (organisation, id);
CREATE INDEX services_by_circuit ON services (circuit_key) WHERE circuit_key IS NOT NULL;
CREATE INDEX services_by_order ON services (order_key) WHERE order_key IS NOT NULL;

-- What was changed in the directory, by whom: written once, never changed.
CREATE TABLE directory_history (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    -- contact, organisation or service, and its id
    kind   TEXT NOT NULL,
    record INTEGER NOT NULL,
    what   TEXT NOT NULL
) STRICT;
CREATE INDEX directory_history_by_record ON directory_history (kind, record, id);

-- The numbers that customers' own ticket systems give to our cases. A case's are there before the case is: both are
-- written in one transaction.
CREATE TABLE their_references (
    organisation  INTEGER NOT NULL,
    reference_key TEXT NOT NULL,
    case_id       INTEGER NOT NULL REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    reference     TEXT NOT NULL,
    PRIMARY KEY (organisation, reference_key, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX their_references_by_case ON their_references (case_id);

-- What the desk has asked to be confirmed by a reply: the notice's signed id is what proves it.
CREATE TABLE confirmations (
    notice       INTEGER PRIMARY KEY REFERENCES notices (id),
    -- sender: is it you who writes to us? address: shall your address be another one?
    purpose      TEXT NOT NULL,
    email        TEXT NOT NULL,
    contact      INTEGER,
    new_email    TEXT,
    asked_at     INTEGER NOT NULL,
    confirmed_at INTEGER
) STRICT;
CREATE INDEX confirmations_by_email ON confirmations (purpose, email);
CREATE INDEX confirmations_by_time ON confirmations (purpose, asked_at);

-- Mail that waits for its sender's confirmation, and is then a case of its own.
CREATE TABLE waiting_mails (
    mail  INTEGER PRIMARY KEY REFERENCES mails (id),
    email TEXT NOT NULL
) STRICT;
CREATE INDEX waiting_mails_by_email ON waiting_mails (email, mail);
