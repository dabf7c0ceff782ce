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
  /** Called before the records of another `send`. */
  onNewSend?(): void;
}

/**
 * The default. Records with a key go to the same partition as with Kafka's Java client. Records
 * without a key stay together within a send, and each send uses the next partition. This makes
 * large batches without a hot partition.
 */
export function stickyPartitioner(): Partitioner {
  let turn = -1;
  return {
    onNewSend: () => void (turn += 1),
    partition: (key, partitions) =>
      key === null ? turn % partitions.length : partitionOfKey(key, partitions.length),
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
