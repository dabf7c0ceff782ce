-- Whether a projection that follows the store is paused, since when it does, and how many positions a second it has lately covered.
ALTER TABLE checkpoint
  ADD COLUMN paused boolean NOT NULL DEFAULT false,
  ADD COLUMN started_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN rate double precision NOT NULL DEFAULT 0;
