-- The refunds of returns, as the HTTP interface shows them.
CREATE TABLE return_refund (
  order_id text PRIMARY KEY,
  status   text NOT NULL,
  reason   text,
  -- Both null where no refund was agreed.
  amount   bigint,
  currency text
);

-- A customer who has spent a refund that is reversed owes it: the balance is below zero.
ALTER TABLE account_summary
  DROP CONSTRAINT account_summary_balance_check,
  ADD CONSTRAINT account_summary_balance_check CHECK (balance >= -9007199254740991);

-- The books of the simulated card provider about refunds of a part of a charge.
-- It remembers that it will refuse them, because it keeps no token.
ALTER TABLE provider_charge ADD COLUMN refuses_refunds boolean NOT NULL DEFAULT false;

CREATE TABLE provider_part_refund (
  key         text PRIMARY KEY,
  charge_key  text        NOT NULL REFERENCES provider_charge (key),
  amount      bigint      NOT NULL CHECK (amount >= 0),
  outcome     text        NOT NULL CHECK (outcome IN ('refunded', 'refused')),
  decided_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX provider_part_refund_charge ON provider_part_refund (charge_key);

CREATE TABLE provider_reversal (
  key         text PRIMARY KEY,
  refund_key  text        NOT NULL UNIQUE REFERENCES provider_part_refund (key),
  reversed_at timestamptz NOT NULL DEFAULT now()
);
