-- A connector may publish the outbox. Every row of the release before fits.
ALTER TABLE relay_cursor DROP CONSTRAINT relay_cursor_delivery_check,
  ADD CONSTRAINT relay_cursor_delivery_check CHECK (delivery IN ('at-least-once', 'exactly-once', 'connector'));
