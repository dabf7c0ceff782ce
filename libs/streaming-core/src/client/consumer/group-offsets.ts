import type { DurationMs } from '../../runtime/index.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import {
  connectionSchemas,
  connectionSettings,
  type ConnectionOptions,
} from '../connection/connection-settings.ts';
import { CoordinatorClient } from '../connection/coordinator-client.ts';
import { checkedOptions, named, optionsOf, span, type OptionSchemas } from '../connection/options.ts';
import { reportCommit } from '../operation-reports.ts';
import { stayAlive } from '../stay-alive.ts';
import type { CommittedOffset, OffsetToCommit, TopicPartition } from '../topic-partition.ts';
import { commitOffsets, readCommitted } from './committed-offsets.ts';

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

const groupOffsetsOptions = optionsOf({
  ...connectionSchemas,
  groupId: named('the group a name'),
  operationTimeoutMs: span.optional(),
} satisfies OptionSchemas<GroupOffsetsOptions>);

/** Returns at once, and connects at the first call. */
export function connectGroupOffsets(given: GroupOffsetsOptions): GroupOffsets {
  const options = checkedOptions(groupOffsetsOptions, given);
  const { groupId, operationTimeoutMs = 5_000 } = options;
  const settings = connectionSettings(options);
  const brokers = new BrokerClient(settings);
  const coordinators = new CoordinatorClient(brokers);
  const ask: CoordinatorClient['ask'] = (of, attempt, deadline, work) =>
    stayAlive(coordinators.ask(of, attempt, deadline, work));
  const group = { kind: 'GROUP', key: groupId } as const;
  const deadline = () => settings.clock.monotonic() + operationTimeoutMs;
  return {
    committed: (partitions) => readCommitted({ ask }, groupId, deadline(), { partitions }),
    commit: (offsets) =>
      reportCommit({ ...settings, groupId }, offsets, () =>
        ask(group, `committing offsets of group ${groupId}`, deadline(), (connection) =>
          commitOffsets(connection, { groupId }, offsets),
        ),
      ),
    close: async () => brokers.close(),
  };
}
