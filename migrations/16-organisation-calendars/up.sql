-- The secret address of an organisation's calendar. Whoever knows the token reads its planned works; another token, or
-- none, takes that away.
CREATE TABLE organisation_calendars (
    organisation INTEGER PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    token        TEXT NOT NULL UNIQUE,
    made_at      INTEGER NOT NULL
) STRICT;
