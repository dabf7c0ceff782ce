import { ClientError } from '../errors/client-error.ts';
import type { Partitioner } from './partitioners.ts';
import type { EncodedRecord } from './record-encoding.ts';

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
