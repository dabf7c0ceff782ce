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
