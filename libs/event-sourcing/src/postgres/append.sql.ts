/**
 * One round trip for any number of streams: own transaction id, then the stream rows sorted under "C", then the positions. The argument
 * for that order stands at the function (migrations/0001-event-store.sql). Positions ascend in the order of the events.
 */
export const APPEND_EVENTS = `
  SELECT event_version AS version, event_position AS position
  FROM append_events($1::text[], $2::bigint[], $3::integer[], $4::integer[], $5::integer[], $6::uuid[], $7::text[],
                     $8::integer[], $9::jsonb[], $10::jsonb[], $11::jsonb, $12::timestamptz)
  ORDER BY event_position`;

/** What `append_events` raises for a wrong expected version; its detail is {stream, expected, actual}. */
export const WRONG_EXPECTED_VERSION_SQLSTATE = 'MR001';

/**
 * Takes the row locks of every stream of a batch, creating rows that are missing, in the order in which `append_events` takes them.
 * `WHERE false` locks an existing row without writing a new version of it; a row that another transaction is just inserting is waited for.
 */
export const LOCK_STREAMS = `
  INSERT INTO stream AS existing (id)
  SELECT DISTINCT wanted.id COLLATE "C" FROM unnest($1::text[]) AS wanted (id) ORDER BY wanted.id COLLATE "C"
  ON CONFLICT (id) DO UPDATE SET version = existing.version WHERE false`;
