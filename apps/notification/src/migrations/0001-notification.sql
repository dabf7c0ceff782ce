-- The notification service's read model: mails that were sent, and those that will not be tried again, with the
-- reason. No address is kept here.

CREATE TABLE notification (
  id text PRIMARY KEY,
  order_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('order-completed', 'order-cancelled')),
  subject text NOT NULL,
  sent_at timestamptz,
  status text NOT NULL CHECK (status IN ('sent', 'failed')),
  reason text,
  failed_at timestamptz,
  CHECK (CASE status WHEN 'sent' THEN sent_at IS NOT NULL ELSE failed_at IS NOT NULL AND reason IS NOT NULL END)
);

CREATE INDEX notification_order ON notification (order_id);
