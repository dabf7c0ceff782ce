-- A saga may wait for several things at once. `step` stays the first of them, since an earlier release writes and reads it.
ALTER TABLE saga_instance ADD COLUMN steps text[];

-- Waits, delays and the deadline have timers too.
ALTER TABLE saga_timer DROP CONSTRAINT saga_timer_role_check;
ALTER TABLE saga_timer ADD CONSTRAINT saga_timer_role_check
  CHECK (role IN ('step', 'compensation', 'closing', 'wait', 'delay', 'deadline'));
