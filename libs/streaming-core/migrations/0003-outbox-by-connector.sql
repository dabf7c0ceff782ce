-- A connector may publish the outbox, and only from this slot. Every row of the release before fits.
ALTER TABLE relay_cursor
  ADD COLUMN connector_slot text,
  DROP CONSTRAINT relay_cursor_delivery_check,
  ADD CONSTRAINT relay_cursor_delivery_check CHECK (
    delivery IN ('at-least-once', 'exactly-once') OR (delivery = 'connector' AND connector_slot IS NOT NULL));
