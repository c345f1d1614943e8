-- Who of the staff said that a held mail needs nothing more; `released_at` is then when.
ALTER TABLE quarantine ADD COLUMN discarded_by TEXT;
