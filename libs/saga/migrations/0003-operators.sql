-- An operator has paused the saga.
ALTER TABLE saga_instance ADD COLUMN paused boolean NOT NULL DEFAULT false;

-- Lists for operators, the oldest first. Neither column of a key changes, so a row keeps its index entries while it is updated: only
-- the end of a saga moves it from one list to another.
CREATE INDEX saga_instance_unfinished ON saga_instance (started_at, definition, saga_id) WHERE status NOT IN ('completed', 'compensated');
CREATE INDEX saga_instance_compensated ON saga_instance (started_at, definition, saga_id) WHERE status = 'compensated';
CREATE INDEX saga_instance_age ON saga_instance (started_at, definition, saga_id);
