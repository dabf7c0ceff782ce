-- The database of the keys that this database's personal data is sealed with. One row, written at the first start of a service that has
-- some.
CREATE TABLE keys_database (
  single     boolean     PRIMARY KEY DEFAULT true CHECK (single),
  id         uuid        NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT now()
);
