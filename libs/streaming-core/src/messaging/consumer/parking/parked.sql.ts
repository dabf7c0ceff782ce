/**
 * Parks messages in the order of the arrays, or none of them if the group's limits forbid it. It
 * returns how many messages and bytes were parked before, from which the caller learns whether the
 * limits allowed it. A message that is already parked, because its offset was read a second time,
 * stays as it is.
 *
 * $1 group; for each message $2 cluster id, $3 topic id, $4 topic, $5 partition, $6 offset, $7 key
 * digest, $8 key, $9 value, $10 headers, $11 record's time (ms), $12 bytes, $13 parked at, $14
 * retry at, $15 attempts in place, $16 last error, $17 message id; $18 messages at most, $19 bytes
 * at most.
 */
export const parkMessages = `
  WITH held AS (
    SELECT count(*)::integer AS messages, coalesce(sum(bytes), 0)::bigint AS bytes FROM parked_message WHERE consumer_group = $1
  ), wanted AS (
    SELECT * FROM unnest($2::text[], $3::uuid[], $4::text[], $5::integer[], $6::bigint[], $7::text[], $8::bytea[], $9::bytea[], $10::json[],
                         $11::bigint[], $12::integer[], $13::timestamptz[], $14::timestamptz[], $15::integer[], $16::text[], $17::uuid[]) WITH ORDINALITY
      AS message (cluster_id, topic_id, topic, partition, record_offset, key_digest, key, value, headers,
                  recorded_at_ms, bytes, parked_at, retry_at, attempts_in_place, last_error, message_id, number)
  ), parked AS (
    INSERT INTO parked_message (consumer_group, cluster_id, topic_id, topic, partition, record_offset, key_digest, key, value, headers,
                                recorded_at_ms, bytes, parked_at, retry_at, attempts_in_place, last_error, message_id)
    SELECT $1, cluster_id, topic_id, topic, partition, record_offset, key_digest, key, value, headers,
           recorded_at_ms, wanted.bytes, parked_at, retry_at, attempts_in_place, last_error, message_id
    FROM wanted, held
    WHERE held.messages + cardinality($2::text[]) <= $18 AND held.bytes + (SELECT sum(bytes) FROM wanted) <= $19
    ORDER BY number
    ON CONFLICT DO NOTHING
  )
  SELECT messages, bytes FROM held`;

export const deleteParked = `DELETE FROM parked_message WHERE position = ANY ($1::bigint[])`;

/** $1 positions, $2 times of the next retry, $3 last errors. */
export const postponeParked = `
  UPDATE parked_message AS stored SET retries = retries + 1, retry_at = failed.retry_at, last_error = failed.last_error
  FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS failed (position, retry_at, last_error)
  WHERE stored.position = failed.position`;

/**
 * Returns the parked keys of a partition, each with its number of messages and the time of the
 * first one's next retry. $1 group, $2 topic, $3 partition.
 */
export const parkedKeys = `
  SELECT DISTINCT ON (key_digest) key_digest, retry_at, count(*) OVER (PARTITION BY key_digest)::integer AS messages
  FROM parked_message WHERE consumer_group = $1 AND topic = $2 AND partition = $3
  ORDER BY key_digest, position`;

/** The parked keys that an operator wants to be tried now. $1 group, $2 topic, $3 partition. */
export const hurriedKeys = `
  SELECT DISTINCT key_digest FROM parked_message
  WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND retry_at = 'epoch'`;

/** $1 group, $2 topic, $3 partition, $4 key digest. */
export const firstParked = `
  SELECT position, record_offset, key, value, headers, recorded_at_ms, parked_at, attempts_in_place, retries
  FROM parked_message WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND key_digest = $4
  ORDER BY position LIMIT 1`;

/** $1 group, $2 topics, $3 key digests. */
export const parkedAmongKeys = `
  SELECT DISTINCT key_digest FROM parked_message
  WHERE consumer_group = $1 AND topic = ANY ($2::text[]) AND key_digest = ANY ($3::text[])`;

/** $1 group, $2 the maximum number of messages to count, beginning with the oldest. */
export const parkedFiguresStatement = `
  SELECT topic, sum(messages)::integer AS messages, count(*)::integer AS keys,
    greatest(extract(epoch FROM clock_timestamp() - min(oldest_at)), 0)::float8 * 1000 AS oldest_age_ms
  FROM (
    SELECT topic, count(*) AS messages, min(parked_at) AS oldest_at
    FROM (
      SELECT topic, partition, key_digest, parked_at FROM parked_message
      WHERE consumer_group = $1 ORDER BY position LIMIT $2
    ) AS parked
    GROUP BY topic, partition, key_digest
  ) AS parked_key
  GROUP BY topic ORDER BY topic`;
