import { createHash } from 'node:crypto';
import { fetch, listOffsets, metadata, offsetFetch, RecordBatch, recordsOf, type WireClient } from '@millrace/streaming-core/wire';

export interface SurveyedRecord {
  readonly offset: bigint;
  readonly value: string;
}

export interface SurveyedPartition {
  readonly start: bigint;
  readonly end: bigint;
  readonly records: readonly SurveyedRecord[];
  /** The broker refuses to read it, with this code. */
  readonly errorCode?: number;
}

/** Everything that a broker gives out to those who ask. */
export interface LogSurvey {
  readonly topicIds: ReadonlyMap<string, string>;
  /** By `topic-partition`. */
  readonly partitions: ReadonlyMap<string, SurveyedPartition>;
  /** By group and then `topic-partition`; a number is the code with which the group is refused. */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<string, bigint> | number>;
}

const fetchBytes = 4_000_000;

export async function surveyLog(client: WireClient, groups: Iterable<string>): Promise<LogSurvey> {
  const { topics } = await client.send(metadata, 12, { topics: null, allowAutoTopicCreation: false });
  const visible = topics.flatMap(({ name, topicId, partitions, isInternal }) =>
    name === null || isInternal === true ? [] : [{ name, topicId: String(topicId), partitions: partitions.length }],
  );
  const partitions = new Map<string, SurveyedPartition>();
  for (const { name, partitions: count } of visible)
    for (let partition = 0; partition < count; partition += 1)
      partitions.set(`${name}-${partition}`, await surveyPartition(client, name, partition));
  const offsets = new Map<string, ReadonlyMap<string, bigint> | number>();
  for (const group of groups) offsets.set(group, await offsetsOf(client, group));
  return { topicIds: new Map(visible.map(({ name, topicId }) => [name, topicId])), partitions, offsets };
}

async function surveyPartition(client: WireClient, topic: string, partition: number): Promise<SurveyedPartition> {
  const [first, last] = [await offsetAt(client, topic, partition, -2n), await offsetAt(client, topic, partition, -1n)];
  const records: SurveyedRecord[] = [];
  const refused = (errorCode: number) => ({ start: first.offset, end: last.offset, records, errorCode });
  if (first.errorCode !== 0 || last.errorCode !== 0) return refused(first.errorCode || last.errorCode);
  // One fetch at least: a partition that is refused may still know its offsets.
  for (let offset = first.offset, more = true; more; more = offset < last.offset) {
    const answer = await fetchFrom(client, topic, partition, offset);
    if (answer.errorCode !== 0) return refused(answer.errorCode);
    if (offset >= last.offset) break;
    const read = recordsFrom(answer.records ?? Buffer.alloc(0));
    if (read.next <= offset) throw new Error(`${topic}-${partition} gives nothing at offset ${offset}, below its end ${last.offset}`);
    records.push(...read.records.filter((record) => record.offset >= first.offset));
    offset = read.next;
  }
  return { start: first.offset, end: last.offset, records };
}

async function offsetAt(client: WireClient, topic: string, partition: number, timestamp: bigint) {
  const request = { topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }] };
  const { topics } = await client.send(listOffsets, 7, request);
  const { errorCode = -1, offset = -1n } = topics[0]?.partitions[0] ?? {};
  return { errorCode, offset };
}

async function fetchFrom(client: WireClient, topic: string, partition: number, fetchOffset: bigint) {
  const { responses } = await client.send(fetch, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: fetchBytes }] }],
  });
  const answer = responses[0]?.partitions[0];
  if (answer === undefined) throw new Error(`the answer to Fetch names no ${topic}-${partition}`);
  return answer;
}

/** Every batch as a client checks it: its checksum, and its records. */
function recordsFrom(bytes: Buffer): { readonly records: readonly SurveyedRecord[]; readonly next: bigint } {
  const records: SurveyedRecord[] = [];
  let next = -1n;
  for (let at = 0; at < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    if (batch.computeCrc() !== batch.crc) throw new Error(`the batch at offset ${batch.baseOffset} was served with a wrong checksum`);
    const held = batch.isControl ? [] : recordsOf(batch);
    if (held === undefined) throw new Error(`the batch at offset ${batch.baseOffset} was served and cannot be unpacked`);
    records.push(...held.map(({ offset, value }) => ({ offset, value: String(value) })));
    next = batch.lastOffset + 1n;
    at += batch.sizeBytes;
  }
  return { records, next };
}

async function offsetsOf(client: WireClient, group: string): Promise<ReadonlyMap<string, bigint> | number> {
  const { groups } = await client.send(offsetFetch, 8, { groups: [{ groupId: group, topics: null }] });
  const found = groups?.[0];
  if (found === undefined) throw new Error(`the answer to OffsetFetch names no group ${group}`);
  if (found.errorCode !== 0) return found.errorCode;
  return new Map(
    found.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset }): [string, bigint] => [`${name}-${partitionIndex}`, committedOffset]),
    ),
  );
}

/** The same for the same answers. */
export function fingerprint({ topicIds, partitions, offsets }: LogSurvey): string {
  const plain = (_key: string, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Map ? [...(value as Map<string, unknown>)].sort() : value;
  return createHash('sha256')
    .update(JSON.stringify([topicIds, partitions, offsets], plain))
    .digest('hex');
}
