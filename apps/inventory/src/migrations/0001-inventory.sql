-- The inventory service's read models. Amounts are minor units.

CREATE TABLE product (
  sku text PRIMARY KEY,
  name text NOT NULL,
  price_amount bigint NOT NULL,
  price_currency text NOT NULL,
  on_hand bigint NOT NULL DEFAULT 0 CHECK (on_hand >= 0),
  reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  shipped bigint NOT NULL DEFAULT 0 CHECK (shipped >= 0)
);

CREATE TABLE reservation (
  order_id uuid PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('reserved', 'failed', 'released', 'committed')),
  lines jsonb NOT NULL,
  updated_at timestamptz NOT NULL
);
