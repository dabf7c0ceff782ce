import { z } from 'zod';
import { type DurationMs, withDeadline } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { connectionSettings, type ConnectionOptions } from '../connection/connection-settings.ts';
import { CoordinatorClient } from '../connection/coordinator-client.ts';
import { checkedOptions, optionsOf, type OptionSchemas } from '../connection/options.ts';
import type { Assignor, GroupMember } from './assignor.ts';
import { readCommitted } from './committed-offsets.ts';
import { GroupAssignors } from './group-assignors.ts';
import { GroupMembership } from './group-membership.ts';
import type { GroupSettings } from './group-requests.ts';
import { assignorsOf, memberSchemas, refuseUnusable, topicNames } from './group-settings.ts';
import { LogReader, readerDefaults, type ReaderLimits, type ReaderSettings } from './log-reader.ts';
import type { PartitionOffset } from './offset-lookup.ts';
import { reportCommit, reportPoll } from '../operation-reports.ts';
import { rangeAssignor } from './range-assignor.ts';
import { existingTopics } from './group-session.ts';
import { stayAlive } from '../stay-alive.ts';
import type { FetchedPartition, FetchPosition } from '../fetched-records.ts';
import type { GroupConsumer, GroupListener } from '../group-consumer-types.ts';
import type {
  CommittedOffset,
  OffsetForTime,
  OffsetToCommit,
  PartitionTime,
  TopicIdentity,
  TopicPartition,
} from '../topic-partition.ts';

export interface GroupConsumerOptions extends ConnectionOptions, Partial<ReaderLimits> {
  readonly groupId: string;
  readonly topics: readonly string[];
  /**
   * How the group shares its partitions, the preferred way first. All members need one in common.
   * They have to be eager. The default is `rangeAssignor`.
   */
  readonly assignors?: readonly Assignor[];
  /**
   * The name of a static member (KIP-345). A process that restarts under this name within the
   * session timeout gets its partitions back at once, without a rebalance. The name must be unique
   * in the group: if two processes have the same name, the older one stops with `fenced_instance`.
   * Without a name every start is a new member.
   */
  readonly groupInstanceId?: string;
  /** How long the group waits for a heartbeat before it assigns the partitions to other members. */
  readonly sessionTimeoutMs?: DurationMs;
  /**
   * How long the group waits for its members to finish their work and rejoin. At least the session
   * timeout.
   */
  readonly rebalanceTimeoutMs?: DurationMs;
  readonly heartbeatIntervalMs?: DurationMs;
  /** How long `close` waits for `onRevoked` and for leaving the group. */
  readonly closeTimeoutMs?: DurationMs;
}

interface GroupConsumerSettings extends GroupSettings, ReaderSettings {
  readonly topics: readonly string[];
  readonly assignors: readonly Assignor[];
  readonly closeTimeoutMs: DurationMs;
}

const groupConsumerOptions = optionsOf({
  ...memberSchemas,
  topics: topicNames,
  assignors: assignorsOf(
    z.literal('eager', { error: 'eager, as this consumer gives up all its partitions' }),
  ).optional(),
} satisfies OptionSchemas<GroupConsumerOptions>);

/**
 * Creates an eager member of a classic group: every rebalance first revokes all its partitions. It
 * connects at `start`, and joins again after broker restarts, evictions and changes of topics. `fetch` calls may overlap, because each has a connection of its own.
 * Throws `settings_refused` for invalid times and names.
 */
export function connectGroupConsumer(given: GroupConsumerOptions): GroupConsumer {
  const options = checkedOptions(groupConsumerOptions, given);
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000;
  const settings: GroupConsumerSettings = {
    rebalanceTimeoutMs: Math.max(15_000, sessionTimeoutMs),
    heartbeatIntervalMs: Math.min(1_000, sessionTimeoutMs / 3),
    heartbeatIntervalMsAlone: options.heartbeatIntervalMs ?? Math.min(3_000, sessionTimeoutMs / 3),
    ...readerDefaults,
    operationTimeoutMs: 2_000, // a partition that is given up waits for its look-ups
    assignors: [rangeByMemberId],
    closeTimeoutMs: 15_000,
    groupId: options.groupId,
    topics: options.topics,
    groupInstanceId: options.groupInstanceId,
    ...connectionSettings(options),
    sessionTimeoutMs,
  };
  refuseUnusable(settings);
  return new RangeGroupConsumer(settings);
}

/** Orders static members by their member id as well. */
const rangeByMemberId: Assignor = Object.freeze({
  ...rangeAssignor,
  assign: (members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>) =>
    rangeAssignor.assign(
      members.map(({ memberId, topics }) => ({ memberId, topics })),
      partitionCounts,
    ),
});

class RangeGroupConsumer implements GroupConsumer {
  readonly #settings: GroupConsumerSettings;
  readonly #brokers: BrokerClient;
  readonly #reader: LogReader;
  readonly #coordinators: CoordinatorClient;
  #membership: GroupMembership | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: GroupConsumerSettings) {
    this.#settings = settings;
    this.#brokers = new BrokerClient(settings);
    this.#reader = new LogReader(settings, this.#brokers);
    this.#coordinators = new CoordinatorClient(this.#brokers);
  }

  start(listener: GroupListener): Promise<void> {
    if (this.#closing) return Promise.reject(new ClientError('closed', 'the consumer is closed'));
    if (this.#membership)
      return Promise.reject(new ClientError('broker_error', 'the consumer has been started already'));
    this.#membership = new GroupMembership(this.#settings, {
      brokers: this.#brokers,
      listener,
      subscription: existingTopics(this.#brokers, this.#settings.topics),
      assignors: new GroupAssignors(this.#settings.assignors),
    });
    return stayAlive(this.#membership.start());
  }

  fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition[]> {
    return stayAlive(reportPoll(this.#settings, positions, () => this.#reader.fetch(positions)));
  }

  identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    return this.#reader.identify(topics);
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return this.#reader.lookup.ends(partitions);
  }

  beginningOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return this.#reader.lookup.beginnings(partitions);
  }

  offsetsForTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>> {
    return this.#reader.lookup.forTimes(times);
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    if (!this.#membership) throw new ClientError('not_member', 'start the consumer before it commits');
    const membership = this.#membership;
    await reportCommit(this.#settings, offsets, () => membership.commit(offsets));
  }

  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    const { clock, groupId, operationTimeoutMs } = this.#settings;
    const deadline = clock.monotonic() + operationTimeoutMs;
    return stayAlive(readCommitted(this.#coordinators, groupId, deadline, { partitions }));
  }

  /**
   * Resolves at once, so that a batch may call it although `onRevoked` waits for that very batch.
   */
  async rejoin(): Promise<void> {
    this.#membership?.rejoin();
  }

  async rebalance(): Promise<void> {
    this.#membership?.rebalance();
  }

  close(): Promise<void> {
    this.#closing ??= stayAlive(this.#close());
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { clock, closeTimeoutMs, logger } = this.#settings;
    const late = () => new ClientError('timeout', `leaving the group took longer than ${closeTimeoutMs} ms`);
    await withDeadline(clock, closeTimeoutMs, this.#membership?.close() ?? Promise.resolve(), late).catch(
      (error: unknown) => logger.warn({ error }, 'closing the consumer before it has left its group'),
    );
    this.#brokers.close();
  }
}
