import { createHash } from 'node:crypto';
import { listOffsets, metadata, offsetFetch, type WireClient } from '@millrace/streaming-core/protocol';
import { readPartition, type SurveyedMarker, type SurveyedRecord } from './read-partition.ts';

export type { SurveyedRecord };

export interface SurveyedPartition {
  readonly start: bigint;
  readonly end: bigint;
  /** The offset up to which readers of committed records get. */
  readonly stable: bigint;
  readonly records: readonly SurveyedRecord[];
  readonly markers: readonly SurveyedMarker[];
  /** The error code with which the broker refuses to serve the partition. */
  readonly errorCode?: number;
}

/** Everything that a broker serves. */
export interface LogSurvey {
  readonly topicIds: ReadonlyMap<string, string>;
  /** Keyed by `topic-partition`. */
  readonly partitions: ReadonlyMap<string, SurveyedPartition>;
  /**
   * Keyed by group and then by `topic-partition`. A number is the error code with which the broker
   * refuses the group.
   */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<string, bigint> | number>;
}

export async function surveyLog(client: WireClient, groups: Iterable<string>): Promise<LogSurvey> {
  const { topics } = await client.send(metadata, 12, { topics: null, allowAutoTopicCreation: false });
  const visible = topics.flatMap(({ name, topicId, partitions, isInternal }) =>
    name === null || isInternal === true
      ? []
      : [{ name, topicId: String(topicId), partitions: partitions.length }],
  );
  const bounds = await Promise.all([
    offsetsAt(client, visible, first),
    offsetsAt(client, visible, last),
    offsetsAt(client, visible, stable),
  ]);
  const partitions = new Map<string, SurveyedPartition>();
  for (const { name, partitions: count } of visible)
    for (let partition = 0; partition < count; partition += 1)
      partitions.set(
        `${name}-${partition}`,
        await surveyPartition(client, { topic: name, partition }, bounds),
      );
  const offsets = new Map<string, ReadonlyMap<string, bigint> | number>();
  for (const group of groups) offsets.set(group, await offsetsOf(client, group));
  return { topicIds: new Map(visible.map(({ name, topicId }) => [name, topicId])), partitions, offsets };
}

interface OffsetAt {
  readonly errorCode: number;
  readonly offset: bigint;
}

/**
 * Kafka's special timestamps for ListOffsets: the start of a log, its end, and its end for readers
 * of committed records.
 */
const first = { timestamp: -2n, isolationLevel: 0 };
const last = { timestamp: -1n, isolationLevel: 0 };
const stable = { timestamp: -1n, isolationLevel: 1 };

async function offsetsAt(
  client: WireClient,
  visible: ReadonlyArray<{ readonly name: string; readonly partitions: number }>,
  { timestamp, isolationLevel }: typeof first,
): Promise<ReadonlyMap<string, OffsetAt>> {
  const topics = visible.map(({ name, partitions: count }) => ({
    name,
    partitions: Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp })),
  }));
  const answer = await client.send(listOffsets, 7, { topics, isolationLevel });
  return new Map(
    answer.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, errorCode, offset }): [string, OffsetAt] => [
        `${name}-${partitionIndex}`,
        { errorCode, offset },
      ]),
    ),
  );
}

async function surveyPartition(
  client: WireClient,
  place: { readonly topic: string; readonly partition: number },
  bounds: ReadonlyArray<ReadonlyMap<string, OffsetAt>>,
): Promise<SurveyedPartition> {
  const found = bounds.map((offsets) => offsets.get(`${place.topic}-${place.partition}`));
  const [start, end, decided] = found.map((each) => each?.offset ?? -1n) as [bigint, bigint, bigint];
  const errorCode = found.map((each) => each?.errorCode ?? -1).find((code) => code !== 0);
  if (errorCode !== undefined) return { start, end, stable: start, records: [], markers: [], errorCode };
  return { start, end, stable: decided, ...(await readPartition(client, { ...place, start, end })) };
}

async function offsetsOf(client: WireClient, group: string): Promise<ReadonlyMap<string, bigint> | number> {
  const { groups } = await client.send(offsetFetch, 8, { groups: [{ groupId: group, topics: null }] });
  const found = groups?.[0];
  if (found === undefined) throw new Error(`the answer to OffsetFetch names no group ${group}`);
  if (found.errorCode !== 0) return found.errorCode;
  return new Map(
    found.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset }): [string, bigint] => [
        `${name}-${partitionIndex}`,
        committedOffset,
      ]),
    ),
  );
}

/** A hash of the answers, for comparing two surveys. */
export function fingerprint({ topicIds, partitions, offsets }: LogSurvey): string {
  const plain = (_key: string, value: unknown) =>
    typeof value === 'bigint'
      ? String(value)
      : value instanceof Map
        ? [...(value as Map<string, unknown>)].sort()
        : value;
  return createHash('sha256')
    .update(JSON.stringify([topicIds, partitions, offsets], plain))
    .digest('hex');
}
