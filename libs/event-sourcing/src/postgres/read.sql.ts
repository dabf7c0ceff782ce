/**
 * The first $2 events of a correlation ($1), in the order of positions. MATERIALIZED keeps the
 * planner from walking along the positions in the hope of an early hit.
 */
export const READ_CORRELATED = `
  WITH correlated AS MATERIALIZED (
    SELECT position, stream, id, version, type, schema_version, data, personal, metadata, recorded_at
    FROM event
    WHERE metadata ->> 'correlationId' = $1
  )
  SELECT * FROM correlated ORDER BY position LIMIT $2::integer`;

/**
 * A stream's events in the order of their versions. As of a moment, these are the events up to the
 * last one that was recorded at or before it. Clocks that disagree therefore never leave a gap in a
 * stream.
 */
export const READ_STREAM = `
  SELECT id, version, type, schema_version, data, personal, metadata, recorded_at
  FROM event
  WHERE stream = $1
    AND version >= $2::bigint
    AND version <= COALESCE($3::bigint, 9223372036854775807)
    AND ($4::timestamptz IS NULL OR version <= (SELECT max(version) FROM event WHERE stream = $1 AND recorded_at <= $4::timestamptz))
  ORDER BY version
  LIMIT $5::integer`;
