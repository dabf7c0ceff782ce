-- Since when the saga has waited for what the timer is for. A command that is sent again keeps the moment of its first sending, because
-- only the first sending inserts the row. Rows of an earlier release get the moment of this migration.
ALTER TABLE saga_timer ADD COLUMN since timestamptz NOT NULL DEFAULT now();

-- The alarm looks for the command of each definition that has waited longest for its reply.
CREATE INDEX saga_timer_commands ON saga_timer (definition, since) WHERE role IN ('step', 'compensation', 'closing');
