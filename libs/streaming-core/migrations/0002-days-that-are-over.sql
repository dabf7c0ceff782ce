-- Replaces drop_day_partitions, which looked through every row of a day under the parent's exclusive lock. The release before this one
-- still calls it; a later one removes it.

-- The oldest day of `parent` that ended before `before`; null when there is none. A day's bounds are trusted: it holds no other rows. With
-- `passed`, a day that still has a row after that position is left out. Takes no lock that a writer would wait for.
CREATE FUNCTION day_that_is_over(parent text, before timestamptz, passed bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  child text;
  last bigint;
BEGIN
  FOR child IN
    SELECT relname
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = parent::regclass
      AND substring(pg_get_expr(relpartbound, pg_class.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz <= before
    ORDER BY relname
  LOOP
    IF passed IS NULL THEN
      RETURN child;
    END IF;
    EXECUTE format('SELECT max(position) FROM %I', child) INTO last;
    IF last IS NULL OR last <= passed THEN
      RETURN child;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Drops a day of `day_that_is_over`, in a transaction of its own. The parent's exclusive lock waits for writers in flight, so what the
-- check under it sees is final; the check reads one entry of an index. False, and nothing dropped, when the day has a row after `passed`.
CREATE FUNCTION drop_day(parent text, child text, passed bigint) RETURNS boolean
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $$
DECLARE
  last bigint;
BEGIN
  EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
  IF passed IS NOT NULL THEN
    EXECUTE format('SELECT max(position) FROM %I', child) INTO last;
    IF last > passed THEN
      RETURN false;
    END IF;
  END IF;
  EXECUTE format('DROP TABLE %I', child);
  RETURN true;
END $$;
