-- The correlation of what the timer of a timed process causes. Null for a saga, whose stream has it.
ALTER TABLE saga_timer ADD COLUMN correlation_id text;
