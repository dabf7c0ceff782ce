UPDATE store_incarnation SET id = gen_random_uuid();
UPDATE relay_cursor SET incarnation = (SELECT id FROM store_incarnation), position = 0,
  epoch = epoch + 1, lease_until = '-infinity';
