-- Updates by mail for whoever wants them. Nobody is asked twice a day about one thing, and only the address that was asked
-- can say yes.

-- The question whether the reader of an address wants a subscription: the mail that asks is what proves the answer.
CREATE TABLE subscription_questions (
    notice      INTEGER PRIMARY KEY REFERENCES notices (id),
    email       TEXT NOT NULL,
    -- all, platform:voice, incident:7
    what        TEXT NOT NULL,
    language    TEXT,
    asked_at    INTEGER NOT NULL,
    answered_at INTEGER
) STRICT;
CREATE INDEX subscription_questions_by_email ON subscription_questions (email, asked_at);
CREATE INDEX subscription_questions_by_time ON subscription_questions (asked_at);

-- A row for each time that an address subscribed: one that ended stays ended, and its unsubscribe address with it.
CREATE TABLE subscriptions (
    id           INTEGER PRIMARY KEY,
    email        TEXT NOT NULL,
    what         TEXT NOT NULL,
    language     TEXT,
    confirmed_at INTEGER NOT NULL,
    -- for staff's eyes: by what
    confirmed_by TEXT NOT NULL,
    ended_at     INTEGER,
    ended_by     TEXT
) STRICT;
CREATE UNIQUE INDEX subscriptions_living ON subscriptions (what, email) WHERE ended_at IS NULL;
CREATE INDEX subscriptions_by_email ON subscriptions (email);
