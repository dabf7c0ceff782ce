/** $1 group, $2 topic, $3 partition: where the group stood in other logs under that name. */
export const offsetsOfTopic = `
  SELECT cluster_id, topic_id, next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND topic = $2 AND partition = $3`;

/**
 * Raises the epoch. It waits on the row's lock for a transaction that the previous owner has open, so the offset that it returns is
 * the last: a later one of his is fenced. $6 is where a new group begins.
 */
export const raiseEpoch = `
  INSERT INTO consumer_offset (consumer_group, cluster_id, topic_id, partition, topic, next_offset)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (consumer_group, topic_id, partition, cluster_id)
  DO UPDATE SET assignment_epoch = consumer_offset.assignment_epoch + 1, topic = excluded.topic
  RETURNING next_offset, assignment_epoch`;

/** The first statement of any transaction of the partition's owner that is no batch: the same lock, no move. No row: fenced. */
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

/** $1 group. By the primary key; so many partitions that a look stays cheap. */
export const offsetsOfGroup = `
  SELECT cluster_id, topic_id, partition, next_offset FROM consumer_offset
  WHERE consumer_group = $1 ORDER BY consumer_group, topic_id, partition LIMIT 10000`;
