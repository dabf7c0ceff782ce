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
