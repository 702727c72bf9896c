-- What the second released version made of the first one's file; never to be changed.
BEGIN;
ALTER TABLE rooms ADD COLUMN topic_by TEXT;
ALTER TABLE rooms ADD COLUMN topic_by_key TEXT;
ALTER TABLE rooms ADD COLUMN topic_at REAL;
UPDATE rooms SET topic = 'exámenes', topic_by = 'ana', topic_by_key = 'ana', topic_at = 1790000050.0 WHERE key = 'sala1';
PRAGMA user_version = 2;
COMMIT;
