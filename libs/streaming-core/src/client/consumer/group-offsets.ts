import type { DurationMs } from '../../runtime/index.ts';
import { offsetCommit } from '../../protocol/apis/offset-commit.ts';
import { offsetFetch } from '../../protocol/apis/offset-fetch.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { versionsOf } from '../connection/broker-versions.ts';
import { connectionSettings, type ConnectionOptions } from '../connection/connection.ts';
import { CoordinatorClient } from '../connection/coordinator-client.ts';
import { accept, request } from '../connection/wire-request.ts';
import { stayAlive } from '../stay-alive.ts';
import type { CommittedOffset, OffsetToCommit, TopicPartition } from '../types.ts';
import { commitTopics, fetchTopics } from './offset-commit.ts';

export interface GroupOffsetsOptions extends ConnectionOptions {
  readonly groupId: string;
  /** How long a request is repeated while the group has no coordinator. */
  readonly operationTimeoutMs?: DurationMs;
}

/** The offsets that a group has committed to the broker. Every call rejects with `ClientError`. */
export interface GroupOffsets {
  /** Reads the offsets of these partitions, or of all. Leaves out partitions without a commit. */
  committed(partitions?: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
  /**
   * Commits offsets for a group that has no members. The broker rejects the commit while the group
   * has members.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>;
  close(): Promise<void>;
}

/** Returns at once, and connects at the first call. */
export function connectGroupOffsets(options: GroupOffsetsOptions): GroupOffsets {
  const { groupId, operationTimeoutMs = 5_000 } = options;
  const settings = connectionSettings(options);
  const brokers = new BrokerClient(settings);
  const coordinators = new CoordinatorClient(brokers);
  const ask: CoordinatorClient['ask'] = (of, attempt, deadline, work) =>
    stayAlive(coordinators.ask(of, attempt, deadline, work));
  const group = { kind: 'GROUP', key: groupId } as const;
  const deadline = () => settings.clock.monotonic() + operationTimeoutMs;
  return {
    committed: (partitions) =>
      ask(group, `reading the offsets of group ${groupId}`, deadline(), async (connection) => {
        const version = (await versionsOf(connection)).newest(byGroupAndName, byGroupAndName.versions.max);
        const topics = partitions === undefined ? null : fetchTopics(partitions);
        const answer = await request(connection, offsetFetch, version, { groups: [{ groupId, topics }] });
        return answer.groups.flatMap(offsetsOf);
      }),
    commit: (offsets) =>
      ask(group, `committing offsets of group ${groupId}`, deadline(), async (connection) => {
        const version = (await versionsOf(connection)).newest(offsetCommit, byName);
        const { topics } = await request(connection, offsetCommit, version, {
          groupId,
          topics: commitTopics(offsets),
        });
        for (const { partitions } of topics) for (const { errorCode } of partitions) accept(errorCode);
      }),
    close: () => brokers.close(),
  };
}

/** The newest versions that name a topic instead of giving its id. */
const byName = 9;
const byGroupAndName = { ...offsetFetch, versions: { min: 8, max: 9 } };

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
