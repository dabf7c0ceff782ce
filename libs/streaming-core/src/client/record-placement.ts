import { ClientError } from './client-error.ts';
import { partitionOfKey } from './murmur2.ts';
import type { EncodedRecord } from './record-encoding.ts';

export interface PlacedRecord extends EncodedRecord {
  readonly partition: number;
}

/**
 * Gives a record its partition: the one it names, else Kafka's for its key, else (no key) the one this call sends keyless records to. The library
 * takes a partition beyond the count modulo, in silence: refused here with `record_invalid`.
 */
export function placeRecord(record: EncodedRecord, partitions: number, keylessTurn: number): PlacedRecord {
  const partition = record.partition ?? (record.key ? partitionOfKey(record.key, partitions) : keylessTurn % partitions);
  if (partition >= partitions)
    throw new ClientError(
      'record_invalid',
      `topic ${record.topic} has ${partitions} partitions, numbered from 0: there is no partition ${partition}`,
    );
  return { ...record, partition };
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
    if (last && last.length < limits.requestRecordsMax && bytes + record.sizeBytes <= limits.requestBytesMax) {
      last.push(record);
      bytes += record.sizeBytes;
    } else {
      requests.push([record]);
      bytes = record.sizeBytes;
    }
  }
  return requests;
}
