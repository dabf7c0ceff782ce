/**
 * Reads the offsets of the group in all logs that have had a topic of this name. $1 group, $2
 * topic, $3 partition.
 */
export const offsetsOfTopic = `
  SELECT cluster_id, topic_id, next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND topic = $2 AND partition = $3`;

/**
 * Raises the epoch. The row's lock makes it wait for an open transaction of the previous owner, so
 * it returns the previous owner's last offset. Later transactions of that owner are fenced. $6 is
 * the offset at which a new group begins.
 */
export const raiseEpoch = `
  INSERT INTO consumer_offset (consumer_group, cluster_id, topic_id, partition, topic, next_offset)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (consumer_group, topic_id, partition, cluster_id)
  DO UPDATE SET assignment_epoch = consumer_offset.assignment_epoch + 1, topic = excluded.topic
  RETURNING next_offset, assignment_epoch, (SELECT id FROM store_incarnation) AS store_id`;

/**
 * The first statement of the owner's transactions other than batches. It takes the same lock but
 * does not move the offset. If it returns no row, the owner is fenced.
 */
export const lockOffset = `
  SELECT next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND cluster_id = $2 AND topic_id = $3 AND partition = $4 AND assignment_epoch = $5
  FOR NO KEY UPDATE`;

export const readOffset = `
  SELECT next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND cluster_id = $2 AND topic_id = $3 AND partition = $4 AND assignment_epoch = $5`;

/** $1 group, $2 partition, $3 topic ids, $4 cluster id. */
export const committedOffsets = `
  SELECT topic_id, next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND partition = $2 AND topic_id = ANY ($3::uuid[]) AND cluster_id = $4`;

/** Reads by the primary key. The limit keeps the query cheap. $1 group. */
export const offsetsOfGroup = `
  SELECT cluster_id, topic_id, partition, next_offset FROM consumer_offset
  WHERE consumer_group = $1 ORDER BY consumer_group, topic_id, partition LIMIT 10000`;
