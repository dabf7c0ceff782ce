/**
 * Takes the row locks of streams, creating rows that are missing, and returns their versions and what they hold after a version that is known
 * already ($2), up to so many events for each ($3). The argument for both in one call stands at the function (migrations/0001-event-store.sql).
 */
export const LOCK_AND_LOAD = `
  SELECT stream_number, stream_version, id, version, type, schema_version, data, personal, metadata, recorded_at
  FROM lock_and_load($1::text[], $2::bigint[], $3::integer)`;

/**
 * One round trip for any number of streams and events: own transaction id, then the stream rows sorted under "C", then the positions. The
 * argument for that order stands at the function (migrations/0001-event-store.sql). Positions ascend in the order of the events.
 */
export const RECORD_EVENTS = `
  SELECT record_events($1::text[], $2::bigint[], $3::integer[], $4::integer[], $5::bigint[], $6::uuid[], $7::text[],
                       $8::integer[], $9::jsonb[], $10::jsonb[], $11::jsonb[], $12::timestamptz[])`;

/** What `record_events` raises for a wrong expected version; its detail is {stream, expected, actual}. */
export const WRONG_EXPECTED_VERSION_SQLSTATE = 'MR001';
