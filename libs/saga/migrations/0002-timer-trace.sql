-- Whose trace a timer belongs to: what is sent again, or undone, by a timeout stays in it. Null: nobody traced, or a version before this one has
-- set the timer.
ALTER TABLE saga_timer ADD COLUMN traceparent text, ADD COLUMN tracestate text;
