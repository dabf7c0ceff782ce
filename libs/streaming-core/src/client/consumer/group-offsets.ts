import type { DurationMs } from '../../runtime/index.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { connectionSettings, type ConnectionOptions } from '../connection/connection-settings.ts';
import { connectionRules } from '../connection/connection-rules.ts';
import { CoordinatorClient } from '../connection/coordinator-client.ts';
import { groupName, offsetsToCommit, places } from '../given/domain-rules.ts';
import { refuseOptions, withRejections } from '../given/refusals.ts';
import { optional, span } from '../given/rules.ts';
import { reportCommit } from '../operation-reports.ts';
import { stayAlive } from '../stay-alive.ts';
import type { CommittedOffset, OffsetToCommit, TopicPartition } from '../types.ts';
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

/** Returns at once, and connects at the first call. */
export function connectGroupOffsets(options: GroupOffsetsOptions): GroupOffsets {
  refuseOptions(options, { ...connectionRules, groupId: groupName, operationTimeoutMs: optional(span) });
  const { groupId, operationTimeoutMs = 5_000 } = options;
  const settings = connectionSettings(options);
  const brokers = new BrokerClient(settings);
  const coordinators = new CoordinatorClient(brokers);
  const ask: CoordinatorClient['ask'] = (of, attempt, deadline, work) =>
    stayAlive(coordinators.ask(of, attempt, deadline, work));
  const group = { kind: 'GROUP', key: groupId } as const;
  const deadline = () => settings.clock.monotonic() + operationTimeoutMs;
  const offsetsOfGroup: GroupOffsets = {
    committed: (partitions) => readCommitted({ ask }, groupId, deadline(), { partitions }),
    commit: (offsets) =>
      reportCommit({ ...settings, groupId }, offsets, () =>
        ask(group, `committing offsets of group ${groupId}`, deadline(), (connection) =>
          commitOffsets(connection, { groupId }, offsets),
        ),
      ),
    close: async () => brokers.close(),
  };
  return withRejections(offsetsOfGroup, {
    committed: { partitions: optional(places) },
    commit: { offsets: offsetsToCommit },
  });
}
