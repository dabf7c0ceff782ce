-- The order overview: one row per order, from the events of every service. It may stand in a database of its own. Amounts are minor units.
-- Each topic writes columns of its own, in whichever order the topics arrive; a row is shown once the order itself has.

CREATE TABLE order_overview (
  order_id uuid PRIMARY KEY,
  customer_id text,
  status text,
  reason text,
  total_amount bigint,
  total_currency text,
  version bigint,
  placed_at timestamptz,
  reservation text,
  payment text,
  shipment text,
  mail text,
  updated_at timestamptz
);

-- GET /order-overviews pages by (placed_at, order_id), newest first, alone or by customer.
CREATE INDEX order_overview_page ON order_overview (placed_at DESC, order_id DESC) WHERE placed_at IS NOT NULL;
CREATE INDEX order_overview_customer ON order_overview (customer_id, placed_at DESC, order_id DESC) WHERE placed_at IS NOT NULL;

-- Empties the overview and lets its consumers begin at the first record again. They may run meanwhile: who has an offset that is gone is fenced,
-- joins the group again and starts over. What they had written and not committed waits for this, or this for it.
-- A message that the projector has parked would be read again as well, and messages before it would wait behind it.
CREATE FUNCTION rebuild_order_overview() RETURNS void LANGUAGE sql AS $$
  DELETE FROM consumer_offset WHERE consumer_group = 'order-projector';
  DELETE FROM parked_message WHERE consumer_group = 'order-projector';
  DELETE FROM inbox WHERE consumer_group = 'order-projector';
  DELETE FROM order_overview;
$$;
