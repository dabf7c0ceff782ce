/**
 * $1 group, then source, id and time (ms) of each message. Sorted, so that two transactions with some messages in common wait for each other
 * in one order. Returns those that were not there.
 */
export const insertNewMessages = `
  INSERT INTO inbox (consumer_group, source, id, time)
  SELECT $1, source, id, to_timestamp(time_ms / 1000.0)
  FROM unnest($2::text[], $3::uuid[], $4::bigint[]) AS message(source, id, time_ms)
  ORDER BY id, source COLLATE "C"
  ON CONFLICT DO NOTHING
  RETURNING source, id`;
