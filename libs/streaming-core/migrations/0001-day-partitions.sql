-- Tables that are dropped by the day, never deleted from row by row. Bounds are days in UTC. Every such table has a default
-- partition, so that an insert never fails for want of a partition; a day whose rows already stand in the default stays there.

CREATE FUNCTION create_day_partitions(parent text, first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
  day date;
  child text;
  created integer := 0;
BEGIN
  FOR day IN SELECT first_day + n FROM generate_series(0, days - 1) AS n LOOP
    child := parent || to_char(day, '_YYYYMMDD');
    CONTINUE WHEN to_regclass(quote_ident(child)) IS NOT NULL;
    BEGIN
      -- Created apart and attached: ATTACH lets writers of the parent go on, CREATE ... PARTITION OF would not.
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, child, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
      created := created + 1;
    EXCEPTION WHEN check_violation THEN
      NULL; -- the default partition holds rows of this day already
    END;
  END LOOP;
  RETURN created;
END $$;

-- Drops the days that ended before `before`. With `passed`, a partition that still has a row after that position stays.
-- The parent's exclusive lock waits for writers in flight, so what the check under it sees is final.
CREATE FUNCTION drop_day_partitions(parent text, time_column text, before timestamptz, passed bigint) RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
  child text;
  is_default boolean;
  occupied boolean;
  wanted boolean;
  dropped integer := 0;
BEGIN
  FOR child, is_default IN
    SELECT relname, pg_get_expr(relpartbound, pg_class.oid) = 'DEFAULT'
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = parent::regclass
    ORDER BY relname
  LOOP
    IF NOT is_default THEN
      CONTINUE WHEN (to_date(right(child, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' > before;
    ELSE
      EXECUTE format('SELECT EXISTS (SELECT FROM %I)', child) INTO occupied;
      CONTINUE WHEN NOT occupied;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= $1)', child, time_column) INTO wanted USING before;
    IF NOT wanted AND passed IS NOT NULL THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE position > $1)', child) INTO wanted USING passed;
    END IF;
    CONTINUE WHEN wanted;
    EXECUTE format(CASE WHEN is_default THEN 'TRUNCATE %I' ELSE 'DROP TABLE %I' END, child);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
