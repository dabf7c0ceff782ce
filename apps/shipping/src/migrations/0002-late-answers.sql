-- When the simulated carrier says what it decided: the decision is made at once, and survives whoever asked for it.
ALTER TABLE simulated_carrier_booking ADD COLUMN answers_at timestamptz NOT NULL DEFAULT now();
