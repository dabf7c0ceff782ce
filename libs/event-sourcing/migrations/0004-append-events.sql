-- Appends that have nothing to do with each other, of several callers, in one call: each to one stream, and each succeeds or fails by
-- itself. As in record_events the order is: the transaction's own id, the stream rows sorted under "C", then the positions.
--
-- The rows are raised by all counts, which locks them and tells what they were. A stream whose expected version was another gets its version
-- back before anybody can see the difference, and none of its events is written. An expected version that is NULL fits any.
-- event_numbers: from 1 within each stream. One row for each stream, in the order given: its version before, and whether that was expected.
CREATE FUNCTION append_events(
  streams           text[],
  expected_versions bigint[],
  event_counts      integer[],
  event_streams     integer[],
  event_numbers     integer[],
  event_ids         uuid[],
  event_types       text[],
  schema_versions   integer[],
  event_data        jsonb[],
  event_personal    jsonb[],
  event_metadata    jsonb[],
  event_recorded_at timestamptz[]
) RETURNS TABLE (version_before bigint, fits boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  own_transaction CONSTANT xid8 := pg_current_xact_id();
  befores bigint[];
  fitting boolean[];
BEGIN
  WITH locked AS (
    INSERT INTO stream AS existing (id, version)
    SELECT wanted.id, wanted.count
    FROM unnest(streams, event_counts) AS wanted (id, count)
    ORDER BY wanted.id COLLATE "C"
    ON CONFLICT (id) DO UPDATE SET version = existing.version + excluded.version
    RETURNING existing.id, existing.version
  )
  SELECT array_agg(locked.version - wanted.count ORDER BY wanted.ordinal),
         array_agg(coalesce(wanted.expected = locked.version - wanted.count, true) ORDER BY wanted.ordinal)
  INTO befores, fitting
  FROM unnest(streams, expected_versions, event_counts) WITH ORDINALITY AS wanted (id, expected, count, ordinal)
  JOIN locked ON locked.id = wanted.id;

  IF false = ANY (fitting) THEN
    UPDATE stream SET version = given.before
    FROM unnest(streams, befores, fitting) AS given (id, before, fits)
    WHERE stream.id = given.id AND NOT given.fits;
  END IF;

  INSERT INTO event (position, id, stream, version, type, schema_version, data, personal, metadata, recorded_at)
  SELECT nextval('event_position'), new.id, streams[new.stream], befores[new.stream] + new.number, new.type, new.schema_version, new.data,
         new.personal, new.metadata, new.recorded_at
  FROM (
    SELECT *
    FROM unnest(event_streams, event_numbers, event_ids, event_types, schema_versions, event_data, event_personal, event_metadata,
                event_recorded_at)
         WITH ORDINALITY AS given (stream, number, id, type, schema_version, data, personal, metadata, recorded_at, ordinal)
    WHERE fitting[given.stream]
    ORDER BY given.ordinal
  ) AS new;

  RETURN QUERY SELECT given.before, given.fits FROM unnest(befores, fitting) AS given (before, fits);
END
$$;
