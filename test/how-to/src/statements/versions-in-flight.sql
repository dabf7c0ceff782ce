SELECT definition, version, count(*) FROM saga_instance
WHERE status NOT IN ('completed', 'compensated') GROUP BY definition, version
