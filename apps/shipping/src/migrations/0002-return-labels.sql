-- The read model of the labels for returns, and what the simulated carrier knows about them.

CREATE TABLE return_label (
  order_id uuid PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('made', 'refused', 'voided', 'received')),
  tracking_number text,
  received_at timestamptz,
  updated_at timestamptz NOT NULL
);

-- Whether the carrier fetches a parcel from the address that it delivers to.
ALTER TABLE simulated_carrier_booking ADD COLUMN takes_returns boolean NOT NULL DEFAULT true;

CREATE TABLE simulated_carrier_return_label (
  key text PRIMARY KEY,
  -- Null if the carrier has refused the label.
  tracking_number text,
  voided_at timestamptz
);
