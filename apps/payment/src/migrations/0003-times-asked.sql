-- How often the simulated provider was asked for a charge: more than once where a caller repeated it instead of asking what became of it.
ALTER TABLE provider_charge ADD COLUMN times_asked integer NOT NULL DEFAULT 1;
