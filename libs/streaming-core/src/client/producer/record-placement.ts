import { ClientError } from '../client-error.ts';
import type { Partitioner } from './partitioners.ts';
import type { EncodedRecord } from './record-encoding.ts';

export interface PlacedRecord extends EncodedRecord {
  readonly partition: number;
}

/**
 * Gives each record of a send its partition: the one that the record names, or else the one that
 * the partitioner chooses. Throws `record_invalid` if the topic has no such partition.
 */
export function placeRecords(
  records: readonly EncodedRecord[],
  counts: ReadonlyMap<string, number>,
  partitioner: Partitioner,
): readonly PlacedRecord[] {
  const partitionsOf = new Map(
    [...counts].map(([topic, count]) => [topic, Array.from({ length: count }, (_, partition) => partition)]),
  );
  return records.map((record) => {
    const { topic, key } = record;
    const partitions = partitionsOf.get(topic) ?? [];
    const partition = record.partition ?? partitioner.partition(key, partitions, topic);
    if (partitions[partition] !== partition)
      throw new ClientError(
        'record_invalid',
        `topic ${topic} has ${partitions.length} partitions, numbered from 0: there is no partition ${partition}`,
      );
    return { ...record, partition };
  });
}
