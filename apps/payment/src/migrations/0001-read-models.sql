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
