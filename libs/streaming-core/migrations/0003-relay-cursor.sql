-- Which incarnation of this database a position belongs to. Whoever restores an older copy gives it a new id:
--   UPDATE store_incarnation SET id = gen_random_uuid();
CREATE TABLE store_incarnation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       uuid    NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO store_incarnation DEFAULT VALUES;

-- Cursor, lease and fencing epoch of a relay in one row, so that one statement checks and moves all three.
CREATE TABLE relay_cursor (
  name           text        PRIMARY KEY,
  incarnation    uuid        NOT NULL,
  position       bigint      NOT NULL DEFAULT 0,
  epoch          bigint      NOT NULL DEFAULT 0,
  holder         text,
  lease_until    timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 10);

INSERT INTO relay_cursor (name, incarnation) SELECT 'outbox', id FROM store_incarnation;
