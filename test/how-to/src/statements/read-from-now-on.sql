INSERT INTO consumer_start (consumer_group, topic, since)
VALUES ('insurance', 'clinic-events', now())
ON CONFLICT DO NOTHING
