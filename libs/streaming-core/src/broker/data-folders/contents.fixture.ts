import { setTimeout } from 'node:timers/promises';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { createTopics } from '../../protocol/apis/topic-admin.ts';
import { initProducerId } from '../../protocol/apis/transactions.ts';
import { joinGroup, syncGroup } from '../../protocol/apis/groups.ts';
import { offsetCommit } from '../../protocol/apis/group-offsets.ts';
import { produce } from '../../protocol/apis/produce.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';
import type { Place } from './survey.fixture.ts';

/**
 * The last batch of an idempotent producer. When it is sent again, the broker has to recognize it.
 */
export interface Duplicate {
  readonly topic: string;
  readonly partition: number;
  readonly batch: string;
  readonly baseOffset: string;
}

/**
 * Topics without transactions: `letters` with all codecs, `numbered` by idempotent
 * producers, `rolled` in several segments.
 */
export const plainPlace: Place = {
  topics: { letters: 1, numbered: 2, rolled: 1 },
  groups: ['by-hand', 'of-members'],
};

const attemptsMax = 200;
const forEver = { name: 'retention.ms', value: '-1' };

export async function makeTopic(
  client: WireClient,
  name: string,
  numPartitions: number,
  configs = [forEver],
): Promise<void> {
  const { topics } = await client.send(createTopics, 4, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs }],
    timeoutMs: 5_000,
  });
  if (topics[0]?.errorCode !== 0)
    throw new Error(`${name} could not be created: error ${topics[0]?.errorCode}`);
}

/**
 * Writes the contents of `plainPlace`. `letters` already has records, in codecs that we do not
 * encode.
 */
export async function writePlainContents(client: WireClient): Promise<readonly Duplicate[]> {
  for (const codec of ['none', 'gzip', 'zstd'] as const)
    await append(client, 'letters', 0, encodeBatch(records(5), { timestampMs: nowMs(), codec }));
  await makeTopic(client, 'rolled', 1, [
    forEver,
    { name: 'internal.segment.bytes', value: '600' },
    { name: 'index.interval.bytes', value: '100' },
  ]);
  for (let index = 0; index < 12; index += 1)
    await append(client, 'rolled', 0, encodeBatch(records(2), { timestampMs: nowMs() }));
  await makeTopic(client, 'numbered', 2);
  const duplicates = [await writeNumbered(client, 0), await writeNumbered(client, 1)];
  await commitByHand(client);
  await commitAsMember(client);
  return duplicates;
}

export const nowMs = (): bigint => BigInt(Date.now());

/** Records with and without key, value and headers. */
export const records = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: index % 3 === 0 ? null : Buffer.from(`key ${index}`),
    value: index % 4 === 3 ? null : Buffer.from(`value ${index} `.repeat(6)),
    headers: index % 2 === 0 ? [] : [['header', Buffer.from([index])] as const],
  }));

/** Errors of a topic that was just created and may have no leader yet. */
const passing: readonly number[] = [
  errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  errorCodes.LEADER_NOT_AVAILABLE,
  errorCodes.NOT_LEADER_OR_FOLLOWER,
];

export async function append(
  client: WireClient,
  topic: string,
  index: number,
  batch: Buffer,
): Promise<bigint> {
  for (let attempt = 1; ; attempt += 1) {
    const { responses } = await client.send(produce, 7, {
      acks: -1,
      timeoutMs: 5_000,
      topicData: [{ name: topic, partitionData: [{ index, records: batch }] }],
    });
    const { errorCode, baseOffset } = responses[0]!.partitionResponses[0]!;
    if (errorCode === 0) return baseOffset;
    if (!passing.includes(errorCode) || attempt === attemptsMax)
      throw new Error(`${topic}-${index} rejects records: error ${errorCode}`);
    await setTimeout(50);
  }
}

async function writeNumbered(client: WireClient, partition: number): Promise<Duplicate> {
  const { producerId, producerEpoch } = await client.send(initProducerId, 1, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
  });
  for (let baseSequence = 0; ; baseSequence += 3) {
    const batch = encodeBatch(records(3), { timestampMs: nowMs(), producerId, producerEpoch, baseSequence });
    const baseOffset = await append(client, 'numbered', partition, batch);
    if (baseSequence === 9)
      return { topic: 'numbered', partition, batch: batch.toString('base64'), baseOffset: `${baseOffset}` };
  }
}

const offsetsOf = (offset: bigint, committedMetadata: string) => [
  { name: 'letters', partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata }] },
  { name: 'numbered', partitions: [{ partitionIndex: 1, committedOffset: offset + 1n, committedMetadata }] },
];

async function commitByHand(client: WireClient): Promise<void> {
  for (const offset of [1n, 3n])
    await commit(client, { groupId: 'by-hand', generationIdOrMemberEpoch: -1, memberId: '' }, offset);
}

async function commitAsMember(client: WireClient): Promise<void> {
  const groupId = 'of-members';
  const joined = await client.send(joinGroup, 5, {
    groupId,
    sessionTimeoutMs: 300_000,
    rebalanceTimeoutMs: 300_000,
    memberId: '',
    groupInstanceId: 'instance',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('subscription') }],
  });
  const { generationId, memberId } = joined;
  const assignments = [{ memberId, assignment: Buffer.from('assignment') }];
  const synced = await client.send(syncGroup, 3, {
    groupId,
    generationId,
    memberId,
    groupInstanceId: 'instance',
    assignments,
  });
  if (joined.errorCode !== 0 || synced.errorCode !== 0)
    throw new Error(`could not join a group: errors ${joined.errorCode} and ${synced.errorCode}`);
  await commit(client, { groupId, generationIdOrMemberEpoch: generationId, memberId }, 2n);
}

async function commit(
  client: WireClient,
  member: { readonly groupId: string; readonly generationIdOrMemberEpoch: number; readonly memberId: string },
  offset: bigint,
): Promise<void> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { topics } = await client.send(offsetCommit, 5, {
      ...member,
      topics: offsetsOf(offset, `at ${offset}`),
    });
    if (topics.every(({ partitions }) => partitions.every(({ errorCode }) => errorCode === 0))) return;
    await setTimeout(50);
  }
  throw new Error(`${member.groupId} could not commit`);
}
