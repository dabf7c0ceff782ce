-- The shipping service's read model, and what the simulated carrier knows (tables of its own, committed by itself).

CREATE TABLE shipment (
  order_id uuid PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('scheduled', 'dispatched', 'delivered', 'cancelled', 'refused')),
  updated_at timestamptz NOT NULL
);

CREATE TABLE simulated_carrier_booking (
  key text PRIMARY KEY,
  outcome text NOT NULL CHECK (outcome IN ('booked', 'refused')),
  cancelled_at timestamptz,
  delivered_at timestamptz,
  -- When the carrier says what it decided: the decision is made at once, and outlives whoever asked for it.
  answers_at timestamptz NOT NULL DEFAULT now()
);
