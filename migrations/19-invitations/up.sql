-- Whose calendar asks them to accept or decline planned works.
ALTER TABLE contacts ADD COLUMN invitations INTEGER NOT NULL DEFAULT 0;
