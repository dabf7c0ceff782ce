import { partitionOfKey } from './murmur2.ts';

/**
 * Chooses the partitions of records that name none. It is called once per record, in the order of
 * the sends, before anything is sent.
 */
export interface Partitioner {
  /**
   * `partitions` has all partitions of the topic, from 0. The key is null for a record without one.
   * A record is rejected if the result is not one of the partitions.
   */
  partition(key: Buffer | null, partitions: readonly number[], topic: string): number;
  /**
   * Called when a batch of the partition takes no more records, because it is full or about to be
   * sent.
   */
  onBatchSealed?(topic: string, partition: number): void;
}

/**
 * The default. Records with a key go to the same partition as with Kafka's Java client. Records
 * without a key go to one partition of their topic until its batch is sealed, and then to the next
 * one (KIP-480). This makes large batches without a hot partition.
 */
export function stickyPartitioner(): Partitioner {
  const current = new Map<string, { turn: number; partition: number }>();
  return {
    partition(key, partitions, topic) {
      if (key !== null) return partitionOfKey(key, partitions.length);
      const turn = current.get(topic)?.turn ?? 0;
      const partition = turn % partitions.length;
      current.set(topic, { turn, partition });
      return partition;
    },
    onBatchSealed(topic, partition) {
      const stuck = current.get(topic);
      if (stuck?.partition === partition) current.set(topic, { turn: stuck.turn + 1, partition: -1 });
    },
  };
}

/**
 * Records with a key go to the same partition as with Kafka's Java client. Records without a key go
 * to the partitions of their topic in turn, from 0.
 */
export function roundRobinPartitioner(): Partitioner {
  const turns = new Map<string, number>();
  return {
    partition(key, partitions, topic) {
      if (key !== null) return partitionOfKey(key, partitions.length);
      const turn = turns.get(topic) ?? 0;
      turns.set(topic, turn + 1);
      return turn % partitions.length;
    },
  };
}
