import { ClientError } from '../errors/client-error.ts';
import type { EncodedRecord } from './record-encoding.ts';

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

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/**
 * Austin Appleby's MurmurHash2 with Kafka's seed. Returns the same signed 32-bit hash as
 * `org.apache.kafka.common.utils.Utils.murmur2`.
 */
export function murmur2(data: Uint8Array): number {
  const words = data.length >> 2;
  let hash = seed ^ data.length;
  for (let word = 0; word < words; word += 1)
    hash = Math.imul(hash, multiplier) ^ mix(littleEndianWord(data, word * 4));
  hash = mixTail(hash, data, words * 4);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

/**
 * Returns the partition that Kafka's Java client chooses for a key. It masks the sign bit, because
 * `Math.abs` would send half of the keys elsewhere.
 */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

function littleEndianWord(data: Uint8Array, at: number): number {
  return byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
}

function mix(word: number): number {
  const product = Math.imul(word, multiplier);
  return Math.imul(product ^ (product >>> 24), multiplier);
}

function mixTail(hash: number, data: Uint8Array, from: number): number {
  const rest = data.length - from;
  if (rest === 0) return hash;
  let mixed = hash;
  for (let index = rest - 1; index >= 0; index -= 1) mixed ^= byte(data, from + index) << (8 * index);
  return Math.imul(mixed, multiplier);
}

function byte(data: Uint8Array, at: number): number {
  return data[at] ?? 0;
}

/**
 * Returns the partition of each record of a send: the one that the record names, or else the one
 * that the partitioner chooses. Throws `record_invalid` if the topic has no such partition.
 */
export function placeRecords(
  records: readonly EncodedRecord[],
  counts: ReadonlyMap<string, number>,
  partitioner: Partitioner,
): readonly number[] {
  return records.map(({ topic, key, partition: chosen }) => {
    const count = counts.get(topic) ?? 0;
    const partition = chosen ?? partitioner.partition(key, partitionsUpTo(count), topic);
    if (!Number.isInteger(partition) || partition < 0 || partition >= count)
      throw new ClientError(
        'record_invalid',
        `topic ${topic} has ${count} partitions, numbered from 0: there is no partition ${partition}`,
      );
    return partition;
  });
}

const listsMax = 100;
const lists = new Map<number, readonly number[]>();

/** Returns the numbers from 0, in a list that all topics with this many partitions share. */
function partitionsUpTo(count: number): readonly number[] {
  const known = lists.get(count);
  if (known) return known;
  if (lists.size >= listsMax) lists.clear();
  const list = Object.freeze(Array.from({ length: count }, (_, partition) => partition));
  lists.set(count, list);
  return list;
}
