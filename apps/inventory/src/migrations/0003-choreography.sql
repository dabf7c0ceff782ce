-- Choreographed orders are placed from now on, so the events of earlier orders are not read.
INSERT INTO consumer_start (consumer_group, topic, since) VALUES ('inventory', 'order-events', now()) ON CONFLICT DO NOTHING;
