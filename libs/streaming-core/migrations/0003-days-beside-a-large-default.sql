-- ATTACH reads the whole default partition under an exclusive lock, to see that it holds no row of the new day: seconds for some million
-- rows, in which nobody reads the table or writes to the default. It reads nothing where a valid constraint of the default says so. The
-- functions below make and remove that constraint; each is called in a transaction of its own, so that none keeps the lock while it reads.

-- The days that have no partition.
CREATE FUNCTION days_without_partition(parent text, first_day date, days integer) RETURNS SETOF date
LANGUAGE sql STABLE AS $$
  SELECT first_day + n FROM generate_series(0, days - 1) AS n
  WHERE to_regclass(quote_ident(parent || to_char(first_day + n, '_YYYYMMDD'))) IS NULL
$$;

-- From here on the default refuses rows of this day. Takes the exclusive lock for a moment and reads no row.
CREATE FUNCTION exclude_day(parent text, time_column text, day date) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ADD CONSTRAINT day_to_attach CHECK (%I < %L OR %I >= %L) NOT VALID',
    parent || '_default', time_column, day || ' 00:00:00+00', time_column, (day + 1) || ' 00:00:00+00');
END $$;

-- Reads the default while others read and write it. Fails with check_violation if it holds a row of the day.
CREATE FUNCTION validate_excluded_day(parent text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' SET transaction_timeout = 0 AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT day_to_attach', parent || '_default');
END $$;

-- The default takes rows of every day again that has no partition. Takes no lock where no day was excluded.
CREATE FUNCTION include_day(parent text) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_constraint WHERE conrelid = (parent || '_default')::regclass AND conname = 'day_to_attach'
  ) THEN
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT day_to_attach', parent || '_default');
  END IF;
END $$;
