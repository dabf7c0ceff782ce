import { offsetCommit } from '../../protocol/apis/group-offsets.ts';
import { offsetDelete } from '../../protocol/apis/groups.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { nameOf } from '../partition-map.ts';
import { ClientError } from '../errors/client-error.ts';
import { commitTopics, fetchCommitted } from '../consumer/committed-offsets.ts';
import type { CommittedOffset, OffsetToCommit, TopicPartition } from '../topic-partition.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { coordinatorOf } from './by-broker.ts';
import { byPartition, byTopic, refusal } from './items-of-call.ts';

export interface GroupOffsetsQuery {
  /** The partitions to show. The default is every partition with a commit. */
  readonly partitions?: readonly TopicPartition[];
  /** Waits until no open transaction has offsets for these partitions (KIP-447). */
  readonly stable?: boolean;
}

/** Reads and changes the offsets that a group has committed to the broker. */
export interface GroupOffsetAdmin {
  /** Returns the committed offsets. Partitions without a commit are left out. */
  offsets(groupId: string, query?: GroupOffsetsQuery): Promise<readonly CommittedOffset[]>;
  /**
   * Commits offsets for a group without members, which is created if needed. Rejects with
   * `group_in_use` if the group has members.
   */
  commitOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void>;
  /**
   * Deletes committed offsets. Rejects with `group_in_use` for topics that a member reads. The
   * members then decide where the group begins.
   */
  deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void>;
}

/** The newest version that names a topic instead of giving its id. */
const commitByName = 9;

/** The errors for a commit from outside a group that has members. */
const hasMembers: ReadonlySet<number> = new Set([
  errorCodes.UNKNOWN_MEMBER_ID,
  errorCodes.ILLEGAL_GENERATION,
  errorCodes.REBALANCE_IN_PROGRESS,
]);

export class GroupOffsetCalls implements GroupOffsetAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  offsets(groupId: string, query: GroupOffsetsQuery = {}): Promise<readonly CommittedOffset[]> {
    return this.#calls.persistently(`reading the offsets of group ${groupId}`, async () =>
      fetchCommitted(await coordinatorOf(this.#calls.brokers, 'GROUP', groupId), groupId, query),
    );
  }

  async commitOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    await this.#calls.each({
      items: byPartition(offsets),
      attempt: (name) => `committing the offset of ${name} for group ${groupId}`,
      ask: (pending) => this.#commitOnce(groupId, [...pending.values()]),
    });
  }

  async deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    await this.#calls.each({
      items: byPartition(partitions),
      attempt: (name) => `deleting the offset of ${name} of group ${groupId}`,
      ask: (pending) => this.#deleteOnce(groupId, [...pending.values()]),
    });
  }

  async #commitOnce(groupId: string, offsets: readonly OffsetToCommit[]): Promise<Answers<undefined>> {
    const connection = await coordinatorOf(this.#calls.brokers, 'GROUP', groupId);
    const { topics } = await connection.request(
      offsetCommit,
      connection.versions.newest(offsetCommit, commitByName),
      { groupId, topics: commitTopics(offsets) },
    );
    return answersOf(topics, (errorCode) =>
      hasMembers.has(errorCode) ? groupInUse(groupId) : refusal(errorCode),
    );
  }

  async #deleteOnce(groupId: string, partitions: readonly TopicPartition[]): Promise<Answers<undefined>> {
    const connection = await coordinatorOf(this.#calls.brokers, 'GROUP', groupId);
    const { errorCode, topics } = await connection.request(
      offsetDelete,
      connection.versions.newest(offsetDelete),
      {
        groupId,
        topics: byTopic(partitions).map(([name, ofTopic]) => ({
          name,
          partitions: ofTopic.map(({ partition }) => ({ partitionIndex: partition })),
        })),
      },
    );
    const refused = refusal(errorCode);
    if (refused) throw refused;
    return answersOf(topics, (code) => refusal(code));
  }
}

export const groupInUse = (groupId: string, state?: string): ClientError =>
  new ClientError(
    'group_in_use',
    `group ${groupId} has members${state === undefined ? '' : ` (it is ${state})`}: stop them first`,
  );

interface AnsweredTopic {
  readonly name: string;
  readonly partitions: ReadonlyArray<{ readonly partitionIndex: number; readonly errorCode: number }>;
}

const answersOf = (
  topics: readonly AnsweredTopic[],
  problemOf: (errorCode: number) => Error | undefined,
): Answers<undefined> =>
  new Map(
    topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, errorCode }) => [
        nameOf({ topic: name, partition: partitionIndex }),
        problemOf(errorCode),
      ]),
    ),
  );
