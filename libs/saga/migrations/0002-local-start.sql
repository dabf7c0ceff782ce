-- A saga that starts in the transaction of its start message has no partition yet. The first of its messages that is handled
-- brings the partition; no timer without one fires.
ALTER TABLE saga_instance ALTER COLUMN partition DROP NOT NULL;
ALTER TABLE saga_timer ALTER COLUMN partition DROP NOT NULL;
