/**
 * A stream's snapshot ($2: the schema's hash) and the events after it, at most $4 of them and none after version $3. Without a snapshot that
 * `fits`, the events from the first on. One statement, so snapshot and events are of one moment. The snapshot's row has no id.
 */
export const READ_FROM_SNAPSHOT = `
  WITH found AS MATERIALIZED (
    SELECT version, state,
           EXISTS (SELECT FROM event
                   WHERE event.stream = stream_snapshot.stream
                     AND event.version = stream_snapshot.version
                     AND event.id = stream_snapshot.last_event) AS fits
    FROM stream_snapshot
    WHERE stream = $1 AND schema_hash = $2
  )
  SELECT NULL::uuid AS id, version, NULL AS type, NULL::integer AS schema_version, NULL::jsonb AS data, NULL::jsonb AS personal,
         NULL::jsonb AS metadata, NULL::timestamptz AS recorded_at, state, fits
  FROM found
  UNION ALL
  (SELECT id, version, type, schema_version, data, personal, metadata, recorded_at, NULL, NULL
   FROM event
   WHERE stream = $1
     AND version > COALESCE((SELECT version FROM found WHERE fits), 0)
     AND version <= COALESCE($3::bigint, 9223372036854775807)
   ORDER BY version
   LIMIT $4::integer)
  ORDER BY version`;

/**
 * Takes a snapshot of a stream at a version that it has, at most one for so many events ($7) whatever the number of takers: who comes second
 * waits for the row, sees the first one's version and writes nothing. One that does not fit is replaced at any version. A snapshot of another
 * schema stays until it is older than $6, for a release that runs beside this one or is returned to.
 */
export const TAKE_SNAPSHOT = `
  WITH of_other_schemas AS (
    DELETE FROM stream_snapshot WHERE stream = $1 AND schema_hash <> $2 AND taken_at < $6::timestamptz
  )
  INSERT INTO stream_snapshot AS kept (stream, schema_hash, version, last_event, state, taken_at)
  SELECT stream, $2, version, id, $4::json, $5::timestamptz
  FROM event
  WHERE stream = $1 AND version = $3::bigint
  ON CONFLICT (stream, schema_hash) DO UPDATE
  SET version = excluded.version, last_event = excluded.last_event, state = excluded.state, taken_at = excluded.taken_at
  WHERE kept.version + $7::bigint <= excluded.version
     OR NOT EXISTS (SELECT FROM event
                    WHERE event.stream = kept.stream AND event.version = kept.version AND event.id = kept.last_event)`;

export const DROP_SNAPSHOT = `
  DELETE FROM stream_snapshot WHERE stream = $1 AND schema_hash = $2 AND version = $3::bigint`;
