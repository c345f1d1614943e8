-- The language in which the request was written, where it is one of the desk's.
ALTER TABLE cases ADD COLUMN language TEXT;
