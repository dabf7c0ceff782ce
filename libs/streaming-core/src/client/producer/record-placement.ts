import { ClientError } from '../client-error.ts';
import type { Partitioner } from './partitioners.ts';
import type { EncodedRecord } from './record-encoding.ts';

export interface PlacedRecord extends EncodedRecord {
  readonly partition: number;
}

/**
 * Gives each record of a send its partition: the one that it names, else the partitioner's. The library takes a partition beyond the count modulo,
 * in silence: refused here with `record_invalid`.
 */
export function placeRecords(
  records: readonly EncodedRecord[],
  counts: ReadonlyMap<string, number>,
  partitioner: Partitioner,
): readonly PlacedRecord[] {
  const partitionsOf = new Map(
    [...counts].map(([topic, count]) => [topic, Array.from({ length: count }, (_, partition) => partition)]),
  );
  partitioner.onNewSend?.();
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

/** Cuts into requests, in order, each below the broker's limit for one batch (`message.max.bytes`, 1 MiB by default). */
export function splitIntoRequests(
  records: readonly PlacedRecord[],
  limits: { readonly requestBytesMax: number; readonly requestRecordsMax: number },
): PlacedRecord[][] {
  const requests: PlacedRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const last = requests.at(-1);
    if (
      last &&
      last.length < limits.requestRecordsMax &&
      bytes + record.sizeBytes <= limits.requestBytesMax
    ) {
      last.push(record);
      bytes += record.sizeBytes;
    } else {
      requests.push([record]);
      bytes = record.sizeBytes;
    }
  }
  return requests;
}
