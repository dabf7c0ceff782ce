WITH renamed AS (UPDATE store_incarnation SET id = gen_random_uuid() RETURNING id)
UPDATE relay_cursor SET incarnation = (SELECT id FROM renamed)
