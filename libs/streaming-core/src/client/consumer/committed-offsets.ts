import { offsetCommit, offsetFetch } from '../../protocol/apis/group-offsets.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { CoordinatorClient } from '../connection/coordinator-client.ts';
import type { CommittedOffset, OffsetToCommit, TopicPartition } from '../topic-partition.ts';

/** The newest versions that name a topic instead of giving its id. */
const commitByName = 9;
const fetchByName = 9;
const severalGroups = { ...offsetFetch, versions: { min: 8, max: fetchByName } };

/** The member in whose name offsets are committed. A group without members needs none. */
export interface Committer {
  readonly groupId: string;
  readonly memberId?: string;
  readonly generationId?: number;
  readonly groupInstanceId?: string;
}

/** Asks the coordinator of the group to store offsets. */
export async function commitOffsets(
  connection: BrokerConnection,
  { groupId, memberId = '', generationId = -1, groupInstanceId }: Committer,
  offsets: readonly OffsetToCommit[],
): Promise<void> {
  const { topics } = await connection.request(
    offsetCommit,
    connection.versions.newest(offsetCommit, commitByName),
    {
      groupId,
      memberId,
      generationIdOrMemberEpoch: generationId,
      groupInstanceId: groupInstanceId ?? null,
      topics: commitTopics(offsets),
    },
  );
  for (const { partitions } of topics) for (const { errorCode } of partitions) accept(errorCode);
}

/**
 * Asks the coordinator of the group for its offsets, of these partitions or of all. Leaves out
 * partitions without a commit. With `stable` the coordinator answers with a temporary error while
 * an open transaction has offsets for one of the partitions (KIP-447).
 */
export async function fetchCommitted(
  connection: BrokerConnection,
  groupId: string,
  { partitions, stable = false }: { partitions?: readonly TopicPartition[]; stable?: boolean },
): Promise<readonly CommittedOffset[]> {
  const topics = partitions === undefined ? null : fetchTopics(partitions);
  const { groups } = await connection.request(
    offsetFetch,
    connection.versions.newest(severalGroups, fetchByName),
    { groups: [{ groupId, topics }], requireStable: stable },
  );
  return groups.flatMap(offsetsOf);
}

/** Reads committed offsets with `fetchCommitted`, which it retries until the deadline. */
export const readCommitted = (
  coordinators: Pick<CoordinatorClient, 'ask'>,
  groupId: string,
  deadline: number,
  asked: Parameters<typeof fetchCommitted>[2],
): Promise<readonly CommittedOffset[]> =>
  coordinators.ask(
    { kind: 'GROUP', key: groupId },
    `reading the offsets of group ${groupId}`,
    deadline,
    (connection) => fetchCommitted(connection, groupId, asked),
  );

/** Groups offsets by topic, as in the body of an OffsetCommit or TxnOffsetCommit request. */
export const commitTopics = (offsets: readonly OffsetToCommit[]) =>
  [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, places]) => ({
    name,
    partitions: places.map(({ partition, offset, metadata = null }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    })),
  }));

const fetchTopics = (partitions: readonly TopicPartition[]) =>
  [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, places]) => ({
    name,
    partitionIndexes: places.map(({ partition }) => partition),
  }));

interface FetchedGroup {
  readonly errorCode: number;
  readonly topics: ReadonlyArray<{
    readonly name: string;
    readonly partitions: ReadonlyArray<{
      readonly partitionIndex: number;
      readonly committedOffset: bigint;
      readonly metadata: string | null;
      readonly errorCode: number;
    }>;
  }>;
}

function offsetsOf({ errorCode, topics }: FetchedGroup): readonly CommittedOffset[] {
  accept(errorCode);
  const all = topics.flatMap(({ name, partitions }) =>
    partitions.map((found) => {
      accept(found.errorCode);
      return {
        topic: name,
        partition: found.partitionIndex,
        offset: found.committedOffset,
        metadata: found.metadata,
      };
    }),
  );
  return all.filter(({ offset }) => offset >= 0n);
}
