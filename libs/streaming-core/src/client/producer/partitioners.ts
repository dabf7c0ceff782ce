import { partitionOfKey } from './murmur2.ts';

/** Where a record goes that names no partition. Asked once for each, in the order of the sends, before anything is sent. */
export interface Partitioner {
  /** `partitions` are all of the topic, from 0; the key is in bytes, null where there is none. Anything but one of them refuses the record. */
  partition(key: Buffer | null, partitions: readonly number[], topic: string): number;
  /** The records of another `send` follow. */
  onNewSend?(): void;
}

/** The default: Kafka's place for a key. Those without one stay together within a send, and the next send goes one partition on: batches, and yet no hot partition. */
export function stickyPartitioner(): Partitioner {
  let turn = -1;
  return {
    onNewSend: () => void (turn += 1),
    partition: (key, partitions) =>
      key === null ? turn % partitions.length : partitionOfKey(key, partitions.length),
  };
}

/** Kafka's place for a key; those without one go to each partition of their topic in turn, from 0. */
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
