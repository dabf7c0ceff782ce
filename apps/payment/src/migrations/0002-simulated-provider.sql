-- The books of the simulated card provider, a system outside: written in transactions of its own, so that kill -9 forgets no charge.
-- `key` is the caller's idempotency key: one charge and one refund for each, however often they are asked for.
CREATE TABLE provider_charge (
  key        text PRIMARY KEY,
  token      text        NOT NULL,
  amount     bigint      NOT NULL CHECK (amount >= 0),
  currency   text        NOT NULL,
  outcome    text        NOT NULL CHECK (outcome IN ('approved', 'declined')),
  charged_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE provider_refund (
  key         text PRIMARY KEY,
  charge_key  text        NOT NULL UNIQUE REFERENCES provider_charge (key),
  refunded_at timestamptz NOT NULL DEFAULT now()
);
