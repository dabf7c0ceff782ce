-- A message that the projector has parked would be read again as well, and messages before it would
-- wait behind it.
CREATE OR REPLACE FUNCTION rebuild_order_overview() RETURNS void LANGUAGE sql AS $$
  DELETE FROM consumer_offset WHERE consumer_group = 'order-projector';
  DELETE FROM parked_message WHERE consumer_group = 'order-projector';
  DELETE FROM inbox WHERE consumer_group = 'order-projector';
  DELETE FROM order_overview;
$$;
