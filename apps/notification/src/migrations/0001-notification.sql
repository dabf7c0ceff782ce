-- The notification service's read model: mails that were sent. No address is kept here.

CREATE TABLE notification (
  id text PRIMARY KEY,
  order_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('order-completed', 'order-cancelled')),
  subject text NOT NULL,
  sent_at timestamptz NOT NULL
);

CREATE INDEX notification_order ON notification (order_id);
