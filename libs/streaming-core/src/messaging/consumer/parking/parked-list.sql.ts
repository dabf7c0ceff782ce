const isFirstOfKey = `NOT EXISTS (
    SELECT 1 FROM parked_message AS earlier WHERE earlier.position < first.position AND
      (earlier.consumer_group, earlier.topic, earlier.partition, earlier.key_digest) =
      (first.consumer_group, first.topic, first.partition, first.key_digest))`;

/**
 * Lists the first message of each parked key, in the order of their positions. $1 topic or null, $2
 * position after which to begin, $3 limit.
 */
export const listParkedKeys = `
  SELECT first.position, consumer_group, topic, partition, record_offset, key, headers ->> 'ce_type' AS type,
    message_id,
    attempts_in_place + retries AS attempts, parked_at, retry_at, last_error,
    (SELECT count(*)::integer FROM parked_message AS same WHERE
      (same.consumer_group, same.topic, same.partition, same.key_digest) =
      (first.consumer_group, first.topic, first.partition, first.key_digest)) AS messages
  FROM parked_message AS first
  WHERE first.position > $2 AND ($1::text IS NULL OR first.topic = $1) AND ${isFirstOfKey}
  ORDER BY first.position LIMIT $3`;

/** Makes the first message of a key due (`hurriedKeys`). $1 position. */
export const hurryParked = `
  UPDATE parked_message AS first SET retry_at = 'epoch'
  WHERE first.position = $1 AND ${isFirstOfKey}`;

/** Marks the first message of a key as given up (`isGivenUp`). $1 position. */
export const giveUpParked = `
  UPDATE parked_message AS first SET parked_at = 'epoch'
  WHERE first.position = $1 AND ${isFirstOfKey}`;
