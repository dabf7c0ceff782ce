import { batchesIn } from '../../records/record-batch.ts';
import { describeGroups } from '../../protocol/apis/groups.ts';
import { fetch } from '../../protocol/apis/fetch.ts';
import { listOffsets } from '../../protocol/apis/list-offsets.ts';
import { offsetFetch } from '../../protocol/apis/group-offsets.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';

/**
 * The scope of a test: the partitions of these topics, and these groups with their offsets for
 * them.
 */
export interface Place {
  readonly topics: Readonly<Record<string, number>>;
  readonly groups: readonly string[];
}

const earliest = -2n;
const latest = -1n;

/**
 * Collects everything that clients see of a broker's folder, as JSON. Uses requests that every
 * release so far answers.
 */
export async function survey(client: WireClient, { topics, groups }: Place) {
  const places = Object.entries(topics).flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
  const logs: Array<Awaited<ReturnType<typeof surveyLog>>> = [];
  const members: object[] = [];
  const offsets: object[] = [];
  for (const { topic, partition } of places) logs.push(await surveyLog(client, topic, partition));
  for (const groupId of groups) {
    const [group] = (
      await client.send(describeGroups, 4, { groups: [groupId], includeAuthorizedOperations: false })
    ).groups;
    const { groupState, protocolType, protocolData, members: all = [] } = group ?? {};
    members.push({
      groupId,
      groupState,
      protocolType,
      protocolData,
      instances: all.map(({ groupInstanceId }) => groupInstanceId),
    });
    for (const place of places)
      offsets.push({ groupId, ...place, ...(await committed(client, groupId, place)) });
  }
  return { logs, groups: members, offsets };
}

/**
 * Leaves out batches that compaction has emptied: earlier brokers return them on their own, later
 * ones skip them.
 */
async function surveyLog(client: WireClient, topic: string, partition: number) {
  const startOffset = await offsetOf(client, { topic, partition, timestamp: earliest });
  const endOffset = await offsetOf(client, { topic, partition, timestamp: latest });
  const lastStableOffset = await offsetOf(client, { topic, partition, timestamp: latest, isolationLevel: 1 });
  const batches: string[] = [];
  for (let offset = startOffset; offset < endOffset;) {
    const records = await read(client, { topic, partition, offset });
    for (const batch of batchesIn(records)) {
      if (batch.recordCount > 0)
        batches.push(records.subarray(batch.start, batch.start + batch.sizeBytes).toString('base64'));
      offset = batch.lastOffset + 1n;
    }
  }
  return {
    topic,
    partition,
    startOffset: `${startOffset}`,
    endOffset: `${endOffset}`,
    lastStableOffset: `${lastStableOffset}`,
    batches,
  };
}

async function offsetOf(
  client: WireClient,
  {
    topic,
    partition,
    timestamp,
    isolationLevel = 0,
  }: { topic: string; partition: number; timestamp: bigint; isolationLevel?: number },
): Promise<bigint> {
  const topics = [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }];
  const answer = await client.send(listOffsets, 4, { replicaId: -1, isolationLevel, topics });
  return answer.topics[0]!.partitions[0]!.offset;
}

async function read(
  client: WireClient,
  { topic, partition, offset }: { topic: string; partition: number; offset: bigint },
) {
  const { responses } = await client.send(fetch, 11, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    topics: [{ topic, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 20 }] }],
  });
  const answer = responses[0]!.partitions[0]!;
  if (answer.errorCode !== 0 || !answer.records?.length)
    throw new Error(`${topic}-${partition} cannot be read at ${offset}: error ${answer.errorCode}`);
  return answer.records;
}

async function committed(
  client: WireClient,
  groupId: string,
  { topic, partition }: { topic: string; partition: number },
) {
  const { topics } = await client.send(offsetFetch, 5, {
    groupId,
    topics: [{ name: topic, partitionIndexes: [partition] }],
  });
  const { committedOffset, metadata } = topics[0]!.partitions[0]!;
  return { offset: `${committedOffset}`, metadata };
}
