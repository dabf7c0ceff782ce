-- Which database of keys this is. Copies of it have the same id, because they have the same keys.
CREATE TABLE keys_identity (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       uuid    NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO keys_identity DEFAULT VALUES;
