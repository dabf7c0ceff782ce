-- A person, by a pseudonym. A subject without a row is active.
CREATE TABLE subject (
  subject text PRIMARY KEY,
  closing_at timestamptz NOT NULL,
  erased_at timestamptz
);

-- The key of one holder for one subject. An erasure keeps the row without its key, so that no key is made anew and old data stays unreadable.
CREATE TABLE subject_key (
  holder text NOT NULL,
  subject text NOT NULL,
  key bytea CHECK (octet_length(key) = 32),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  erased_at timestamptz,
  PRIMARY KEY (holder, subject),
  CHECK ((key IS NULL) = (erased_at IS NOT NULL))
);

-- ANALYZE would copy some keys into its statistics, where an erasure does not reach them.
ALTER TABLE subject_key ALTER COLUMN key SET STATISTICS 0;

-- Which database of keys this is. Copies of it have the same id, because they have the same keys.
CREATE TABLE keys_identity (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id       uuid    NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO keys_identity DEFAULT VALUES;
