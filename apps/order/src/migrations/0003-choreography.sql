-- How far each choreographed order has come.
CREATE TABLE choreographed_order (
  order_id uuid PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('running', 'compensating', 'completed', 'compensated')),
  reason text,
  reserved_at timestamptz,
  paid_at timestamptz,
  shipped_at timestamptz,
  completed_at timestamptz,
  committed_at timestamptz,
  failed_at timestamptz,
  released_at timestamptz,
  refunded_at timestamptz,
  cancelled_at timestamptz,
  started_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- The alarm looks for the order that has waited longest.
CREATE INDEX choreographed_order_open ON choreographed_order (updated_at) WHERE status IN ('running', 'compensating');
