INSERT INTO consumer_start (consumer_group, topic, since)
VALUES ('inventory', 'order-events', now())
ON CONFLICT DO NOTHING
