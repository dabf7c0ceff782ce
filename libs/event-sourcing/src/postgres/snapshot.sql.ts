/**
 * A stream's snapshot ($2: the hash of its schema) and at most $4 events after it, none of them
 * after version $3. Without a snapshot that `fits`, the events begin with the first. It is one
 * statement, so the snapshot and the events are of the same moment. The row of the snapshot has no
 * id.
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
 * Takes a snapshot of a stream at a version that the stream has. There is at most one for every $7
 * events, however many processes try: the second process waits for the row, sees the version of the
 * first one and writes nothing. A snapshot that does not fit is replaced at any version. A snapshot
 * of another schema stays until it is older than $6, for a release that runs alongside this one or
 * is rolled back to.
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
