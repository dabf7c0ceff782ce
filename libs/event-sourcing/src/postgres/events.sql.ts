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
 * Reads the events of a stream in the order of their versions. Given a moment, it reads up to the
 * last event that was recorded at or before that moment, so clocks that disagree never leave a gap.
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

/**
 * Takes the row locks of streams, creating rows that are missing. Returns the version of each
 * stream, and its events after a version that is already known ($2), unless there are more than $3
 * of them. The comment of the function says why one call can do both
 * (migrations/0001-event-store.sql).
 */
export const LOCK_AND_LOAD = `
  SELECT stream_number, stream_version, id, version, type, schema_version, data, personal, metadata, recorded_at
  FROM lock_and_load($1::text[], $2::bigint[], $3::integer)`;

/**
 * Records any number of events in any number of streams in one round trip. It takes the
 * transaction's own id first, then the stream rows sorted under collation "C", then the positions,
 * which ascend in the order of the events. The comment of the function says why the order matters
 * (migrations/0001-event-store.sql).
 */
export const RECORD_EVENTS = `
  SELECT record_events($1::text[], $2::bigint[], $3::integer[], $4::integer[], $5::bigint[], $6::uuid[], $7::text[],
                       $8::integer[], $9::jsonb[], $10::jsonb[], $11::jsonb[], $12::timestamptz[])`;

/**
 * Appends to one stream, for about half of what `record_events` costs. Returns its version before.
 * Raises the same error (migrations/0001-event-store.sql).
 */
export const APPEND_TO_STREAM = `
  SELECT append_to_stream($1::text, $2::bigint, $3::uuid[], $4::text[], $5::integer[], $6::jsonb[], $7::jsonb[],
                          $8::jsonb, $9::timestamptz) AS version_before`;

/**
 * Finds the events of some streams that have a given causation and were recorded since a moment.
 * Versions ascend with the recording time, so a binary search over the versions finds the first
 * candidate, with about 20 index look-ups in a stream of a million events. It needs no index on the
 * causation, which every append would have to maintain.
 *
 * `low` is a version recorded before the moment, or 0. `high` is a version recorded since the
 * moment, or the one after the last.
 *
 * $1 streams, $2 causation id, $3 the moment, $4 the number of events to read in each stream.
 */
export const READ_CAUSED = `
  WITH RECURSIVE halved (stream, low, high) AS (
    SELECT id, 0::bigint, version + 1 FROM stream WHERE id = ANY ($1::text[])
    UNION ALL
    SELECT halved.stream,
           CASE WHEN middle.recorded_at < $3::timestamptz THEN middle.version ELSE halved.low END,
           CASE WHEN middle.recorded_at < $3::timestamptz THEN halved.high ELSE middle.version END
    FROM halved
    JOIN LATERAL (
      SELECT version, recorded_at FROM event
      WHERE event.stream = halved.stream AND event.version = (halved.low + halved.high) / 2
    ) AS middle ON true
    WHERE halved.high - halved.low > 1
  ), since AS (
    SELECT stream, min(high) AS version FROM halved GROUP BY stream
  )
  SELECT found.*
  FROM unnest($1::text[]) WITH ORDINALITY AS wanted (stream, number)
  JOIN since ON since.stream = wanted.stream
  CROSS JOIN LATERAL (
    SELECT stream, id, version, type, schema_version, data, personal, metadata, recorded_at
    FROM event
    WHERE event.stream = since.stream AND event.version >= since.version AND event.version < since.version + $4::bigint
      AND event.metadata ->> 'causationId' = $2
  ) AS found
  ORDER BY wanted.number, found.version`;
