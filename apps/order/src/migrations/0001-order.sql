-- The order service's read models. Amounts are minor units.

CREATE TABLE order_summary (
  order_id uuid PRIMARY KEY,
  customer_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'cancelling', 'completed', 'cancelled')),
  reason text,
  lines jsonb NOT NULL,
  total_amount bigint NOT NULL,
  total_currency text NOT NULL,
  version bigint NOT NULL,
  placed_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- GET /orders pages by (placed_at, order_id), newest first, alone, by customer or by status.
CREATE INDEX order_summary_page ON order_summary (placed_at DESC, order_id DESC);
CREATE INDEX order_summary_customer ON order_summary (customer_id, placed_at DESC, order_id DESC);
CREATE INDEX order_summary_status ON order_summary (status, placed_at DESC, order_id DESC);

-- The service's own view of inventory's products, from product-events.
CREATE TABLE product_price (
  sku text PRIMARY KEY,
  amount bigint NOT NULL,
  currency text NOT NULL
);
