/**
 * The first statement of a batch's transaction. It moves the offset rows of the partitions, checks
 * the epoch and the offset of each, and inserts the messages into the inbox. As the last statement
 * of the transaction, it would detect a fenced owner too late.
 *
 * The offset rows are locked before the first inbox row, because the condition of the insert counts
 * the moved rows. Each kind of row is locked in a fixed order, so that two transactions with common
 * partitions or messages cannot deadlock. If fewer rows are moved than requested, the owner is
 * fenced and no message is inserted. `fresh` lists the messages that were inserted.
 *
 * $1 group; for each partition $2 cluster id, $3 topic id, $4 partition, $5 epoch, $6 offset, $7
 * next offset; for each message $8 source, $9 id, $10 time (ms).
 */
export const openBatchStatement = `
  WITH moved AS (
    UPDATE consumer_offset AS stored SET next_offset = held.next_offset, updated_at = now()
    FROM (
      SELECT found.cluster_id, found.topic_id, found.partition, wanted.next_offset
      FROM unnest($2::text[], $3::uuid[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[])
        AS wanted (cluster_id, topic_id, partition, epoch, expected, next_offset)
      JOIN consumer_offset AS found
        ON found.consumer_group = $1 AND found.topic_id = wanted.topic_id AND found.partition = wanted.partition
        AND found.cluster_id = wanted.cluster_id AND found.assignment_epoch = wanted.epoch AND found.next_offset = wanted.expected
      ORDER BY found.topic_id, found.partition
      FOR NO KEY UPDATE OF found
    ) AS held
    WHERE stored.consumer_group = $1 AND stored.topic_id = held.topic_id AND stored.partition = held.partition
      AND stored.cluster_id = held.cluster_id
    RETURNING stored.partition
  ), noted AS (
    INSERT INTO inbox (consumer_group, source, id, time)
    SELECT $1, message.source, message.id, to_timestamp(message.time_ms / 1000.0)
    FROM unnest($8::text[], $9::uuid[], $10::bigint[]) AS message (source, id, time_ms)
    WHERE (SELECT count(*) FROM moved) = cardinality($4::integer[])
    ORDER BY message.id, message.source COLLATE "C"
    ON CONFLICT DO NOTHING
    RETURNING id::text || ' ' || source AS name
  )
  SELECT (SELECT count(*)::integer FROM moved) AS moved, ARRAY (SELECT name FROM noted) AS fresh`;
