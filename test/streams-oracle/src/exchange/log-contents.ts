import type { FetchedRecord, OpenLogReader, TopicPartition } from '@millrace/streaming-core/client';

/** A record as one line: key and value in hexadecimal, time, and headers if it has any. */
function lineOf({ key, value, timestampMs, headerList }: FetchedRecord): string {
  const hex = (bytes: Uint8Array | null) => (bytes === null ? 'null' : Buffer.from(bytes).toString('hex'));
  const headers = headerList.map((header) => ` ${header.name}=${hex(header.value)}`).join('');
  return `${hex(key)} ${hex(value)} @${timestampMs}${headers}`;
}

/** Reads a partition from its beginning, or from an offset, to its end. */
export async function recordsOf(
  reader: OpenLogReader,
  place: TopicPartition,
  from?: bigint,
): Promise<readonly FetchedRecord[]> {
  const [end] = await reader.endOffsets([place]);
  const [beginning] = await reader.beginningOffsets([place]);
  const found: FetchedRecord[] = [];
  let offset = from ?? beginning?.offset ?? 0n;
  while (offset < (end?.offset ?? 0n)) {
    const [fetched] = await reader.fetch([{ ...place, offset }]);
    if (fetched?.error !== undefined) throw fetched.error;
    found.push(...(fetched?.records ?? []));
    offset = fetched?.nextOffset ?? offset;
  }
  return found;
}

async function placesOf(reader: OpenLogReader, topic: string): Promise<readonly TopicPartition[]> {
  const identities = await reader.identify([topic]);
  const partitions = identities.get(topic)?.partitions ?? 0;
  return Array.from({ length: partitions }, (_each, partition) => ({ topic, partition }));
}

/** The records of a topic by partition, in their order. */
export async function linesOf(reader: OpenLogReader, topic: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const place of await placesOf(reader, topic))
    for (const record of await recordsOf(reader, place)) lines.push(`${place.partition}: ${lineOf(record)}`);
  return lines;
}

/** The newest record of each key of a changelog, as after compaction. */
export async function tableOf(reader: OpenLogReader, topic: string): Promise<readonly string[]> {
  const newest = new Map<string, string>();
  for (const place of await placesOf(reader, topic))
    for (const record of await recordsOf(reader, place)) {
      const key = `${place.partition}: ${record.key?.toString('hex') ?? 'null'}`;
      if (record.value === null) newest.delete(key);
      else newest.set(key, `${place.partition}: ${lineOf(record)}`);
    }
  return [...newest.values()].sort();
}
