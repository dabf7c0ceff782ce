-- The three kinds of mails about returns.
ALTER TABLE notification
  DROP CONSTRAINT notification_kind_check,
  ADD CONSTRAINT notification_kind_check CHECK (
    kind IN ('order-completed', 'order-cancelled', 'return-label', 'return-completed', 'return-closed')
  );
