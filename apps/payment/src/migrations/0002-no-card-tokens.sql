-- The simulated provider decides by the token and needs it no longer, so its books keep none. The previous release still writes them, until its
-- last process stops; an erasure clears what it has left.
ALTER TABLE provider_charge ALTER COLUMN token DROP NOT NULL;

UPDATE provider_charge SET token = NULL WHERE token IS NOT NULL;
