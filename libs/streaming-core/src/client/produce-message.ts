import { ClientError } from './client-error.ts';
import type { PlacedRecord } from './record-placement.ts';
import type { RecordMetadata } from './types.ts';

/** A record as the library's encoder takes it. */
export function toMessage(record: PlacedRecord) {
  return {
    topic: record.topic,
    partition: record.partition,
    key: record.key ?? undefined,
    value: record.value ?? undefined,
    headers: new Map(record.headers),
    timestamp: BigInt(record.timestampMs),
  };
}

/** The broker answers with the first offset of each partition's batch; the records of a batch follow one another. */
export function toMetadata(
  request: readonly PlacedRecord[],
  firstOffsets: ReadonlyArray<{ readonly topic: string; readonly partition: number; readonly offset: bigint }>,
): RecordMetadata[] {
  const next = new Map(firstOffsets.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
  return request.map(({ topic, partition }) => {
    const offset = next.get(`${topic}/${partition}`);
    if (offset === undefined) throw new ClientError('broker_error', `the broker acknowledged nothing for ${topic}/${partition}`);
    next.set(`${topic}/${partition}`, offset + 1n);
    return { topic, partition, offset };
  });
}
