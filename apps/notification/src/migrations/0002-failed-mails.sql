-- A mail that will not be tried again stands beside those that were sent, with the reason.
ALTER TABLE notification
  ADD COLUMN status text NOT NULL DEFAULT 'sent' CHECK (status IN ('sent', 'failed')),
  ADD COLUMN reason text,
  ADD COLUMN failed_at timestamptz,
  ALTER COLUMN sent_at DROP NOT NULL,
  ADD CHECK (CASE status WHEN 'sent' THEN sent_at IS NOT NULL ELSE failed_at IS NOT NULL AND reason IS NOT NULL END);
