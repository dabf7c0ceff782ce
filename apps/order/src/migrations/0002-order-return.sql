-- The read model of returns. Amounts are minor units.
CREATE TABLE order_return (
  order_id uuid PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('requested', 'approved', 'denied', 'announced', 'withdrawn', 'completed', 'closed')),
  customer_id text NOT NULL,
  lines jsonb NOT NULL,
  refund_amount bigint NOT NULL,
  refund_currency text NOT NULL,
  tracking_number text,
  reason text,
  version bigint NOT NULL,
  requested_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
