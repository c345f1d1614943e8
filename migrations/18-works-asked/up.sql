-- When customers were reminded last, and when staff are asked what has become of works of which nobody says anything.
ALTER TABLE desk_works ADD COLUMN reminded_at INTEGER;
ALTER TABLE desk_works ADD COLUMN ask_at INTEGER;
-- What is to become of announced works once somebody has approved it, as JSON.
ALTER TABLE desk_works ADD COLUMN pending TEXT;
CREATE INDEX desk_works_to_ask ON desk_works (ask_at) WHERE ask_at IS NOT NULL;
