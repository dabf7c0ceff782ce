-- What the HTTP interface reads: written by inline projections, in the transaction of the events.
CREATE TABLE account_summary (
  account_id text PRIMARY KEY,
  currency   text   NOT NULL,
  balance    bigint NOT NULL CHECK (balance >= 0),
  version    bigint NOT NULL
);

CREATE TABLE payment_summary (
  order_id text PRIMARY KEY,
  status   text NOT NULL,
  reason   text,
  -- Both null where a refund came before any payment.
  amount   bigint,
  currency text
);

-- The books of the simulated card provider, a system outside: written in transactions of its own, so that kill -9 forgets no charge. They
-- keep no token: nothing needs it after the charge.
-- `key` is the caller's idempotency key: one charge and one refund for each, however often they are asked for.
CREATE TABLE provider_charge (
  key        text PRIMARY KEY,
  amount     bigint      NOT NULL CHECK (amount >= 0),
  currency   text        NOT NULL,
  outcome    text        NOT NULL CHECK (outcome IN ('approved', 'declined')),
  charged_at timestamptz NOT NULL DEFAULT now(),
  -- More than once where a caller repeated the charge instead of asking what became of it.
  times_asked integer     NOT NULL DEFAULT 1
);

CREATE TABLE provider_refund (
  key         text PRIMARY KEY,
  charge_key  text        NOT NULL UNIQUE REFERENCES provider_charge (key),
  refunded_at timestamptz NOT NULL DEFAULT now()
);
