import { lockStreams } from '@millrace/event-sourcing';
import {
  connectAdmin,
  connectGroupConsumer,
  connectGroupOffsets,
  connectLagReader,
  connectLogReader,
  connectProducer,
  type LagReader,
  type OpenLogReader,
  type PartitionOffset,
  type TopicIdentity,
} from '@millrace/streaming-core/client';
import {
  consumerLimits,
  createConsumerRuntime,
  type MessageHandler,
  type ConsumerRuntime,
  type SkipGuard,
} from '@millrace/streaming-core/consumer';
import type { TopicDeclaration } from '@millrace/streaming-core/contract';
import { milliseconds, seconds, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import {
  connectRelayTransactions,
  createRelay,
  relayLimits,
  type Delivery,
  type Relay,
  type RelayOptions,
} from '@millrace/streaming-core/outbox';
import type { PersonalData } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { ServiceConfig } from '../../ground/config/service-config.ts';
import { newId } from '../events/recording.ts';
import { inboxRetentionMs } from './inbox-retention.ts';

export interface MessageBusLimits {
  /** How long a successor with another instance name waits after a relay was killed. */
  readonly leaseMs?: DurationMs;
  /** How long the partitions of a killed process wait for one with another instance name. */
  readonly sessionTimeoutMs?: DurationMs;
  /** A command that arrives repeatedly is answered again at most once per this interval. */
  readonly duplicateEveryMs?: DurationMs;
  /** The shortest pause of the relay between two looks. The longest is `idlePollMs`. */
  readonly pollDelayMsMin?: DurationMs;
}

export interface MessageBusOptions {
  /** The consumer group, which is also the client id: the service's name, or that of its read models. */
  readonly group: string;
  readonly config: ServiceConfig;
  /** The topics that the group may read. The inbox remembers their messages long enough. */
  readonly reads: readonly TopicDeclaration[];
  /**
   * How long a message may wait for others to share its transaction. Use it for effects that no
   * caller waits for.
   */
  readonly lingerMs?: DurationMs;
  readonly limits?: MessageBusLimits;
  /** The longest pause of the relay, for work that it is not woken for. */
  readonly idlePollMs?: DurationMs;
  /** How often the relay may publish a message. The default is `at-least-once`. */
  readonly delivery?: Delivery;
  readonly connector?: RelayOptions['connector'];
  /** The database for effects. Its commits wake the relay. */
  readonly database: SqlDatabase;
  /** The database that the relay reads. Its commits wake no worker. */
  readonly quietDatabase: SqlDatabase;
  readonly logger: Logger;
  /**
   * The topics on which an unknown message type is the sender's mistake and goes to the dead
   * letters.
   */
  readonly commandTopics: readonly string[];
  /** Opens messages with personal data. */
  readonly personalData?: PersonalData | undefined;
}

/**
 * Everything that moves a service's messages: the Kafka clients, the relay and the consumer
 * runtime.
 */
export interface MessageBus {
  readonly relay: Relay;
  readonly lagReader: LagReader;
  /** Resolves to the topics that exist. Rejects while no broker answers. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  /** Reads topics without a group. */
  readonly logReader: OpenLogReader;
  /** Deletes the records of a partition before an offset. */
  deleteBefore(place: PartitionOffset): Promise<unknown>;
  createRuntime(handlers: readonly MessageHandler[], skipGuards?: readonly SkipGuard[]): ConsumerRuntime;
  /** Call it after the relay and the runtime have stopped. */
  close(): Promise<void>;
}

/**
 * The longest that the broker holds a fetch when there is nothing to read. A record ends the wait
 * at once, so this costs an idle service CPU time and no latency.
 */
const fetchMaxWaitMs = seconds(10);

/**
 * Connects over the Kafka protocol, to the embedded broker or any other. Offsets, inbox and outbox
 * are in the service's database. A process that was killed is replaced within the lease and the
 * session, or immediately by one with the same instance name. Stopping never waits long for an
 * unreachable broker, since the outbox keeps everything.
 */
export function createMessageBus({
  group,
  config,
  reads,
  database,
  quietDatabase,
  logger,
  commandTopics,
  personalData,
  lingerMs = 0,
  idlePollMs = relayLimits.pollDelayMsMax,
  delivery,
  connector,
  limits: {
    leaseMs = seconds(5),
    sessionTimeoutMs = seconds(6), // longer than transaction_timeout
    duplicateEveryMs = consumerLimits.duplicateEveryMs,
    pollDelayMsMin = relayLimits.pollDelayMsMin,
  } = {},
}: MessageBusOptions): MessageBus {
  const { instance, bootstrapServers, security } = config;
  const connection = { bootstrapServers, security, logger };
  const relayed = { ...connection, clientId: relayClientId(group) };
  const admin = connectAdmin({ ...connection, clientId: `${group}-admin`, operationTimeoutMs: seconds(1) });
  const lagReader = connectLagReader({
    ...connection,
    clientId: `${group}-lag`,
    operationTimeoutMs: seconds(2),
  });
  const logReader = connectLogReader({
    ...connection,
    clientId: `${group}-operators`,
    isolation: 'read_committed',
    operationTimeoutMs: seconds(2),
  });
  const producer = connectProducer({ ...relayed, closeTimeoutMs: seconds(1) });
  // Nobody joins this group. Its offsets carry the relay's marks.
  const marks = connectGroupOffsets({
    ...relayed,
    groupId: relayClientId(group),
    operationTimeoutMs: seconds(1),
  });
  const transactions = connectRelayTransactions({
    ...relayed,
    transactionalId: relayClientId(group),
    cursorTopic: `${group}-relay-cursor`,
    closeTimeoutMs: seconds(1),
  });
  const relay = createRelay({
    database: quietDatabase,
    producer,
    marks,
    delivery,
    transactions,
    connector,
    holder: instance ?? newId(),
    logger,
    maintenance: { inboxRetentionMs: inboxRetentionMs(config.inboxRetentionDays, reads) },
    limits: {
      leaseMs,
      renewEveryMs: Math.min(milliseconds(2_500), leaseMs / 2),
      competeEveryMs: milliseconds(500),
      pollDelayMsMin,
      pollDelayMsMax: idlePollMs,
      stopTimeoutMs: seconds(2),
    },
  });
  return {
    relay,
    lagReader,
    logReader,
    deleteBefore: (place) => admin.records.delete([place]),
    describeTopics: (topics) => admin.describeTopics(topics),
    createRuntime: (handlers, skipGuards) =>
      createConsumerRuntime({
        group,
        consumer: connectGroupConsumer({
          ...connection,
          clientId: group,
          groupId: group,
          groupInstanceId: instance,
          topics: topicsOf(handlers),
          closeTimeoutMs: seconds(2), // a host that is gone does not even refuse connections
          sessionTimeoutMs,
          fetchMaxWaitMs,
        }),
        limits: {
          inPlaceMs: config.retryInPlaceMs,
          parkedMs: config.retryParkedMs,
          drainTimeoutMs: seconds(5),
          lingerMs,
          duplicateEveryMs,
        },
        database,
        handlers,
        skipGuards,
        lockStreams,
        commandTopics,
        personalData,
        logger,
        newId,
      }),
    close: async () => {
      await Promise.all([
        producer.close(),
        transactions.close(),
        marks.close(),
        admin.close(),
        lagReader.close(),
        logReader.close(),
      ]);
    },
  };
}

/**
 * The relay has its own client id, so that metrics distinguish what it sends from what the service
 * reads.
 */
export const relayClientId = (group: string): string => `${group}-relay`;

export const topicsOf = (handlers: readonly MessageHandler[]): readonly string[] => [
  ...new Set(handlers.map(({ message }) => message.topic.name)),
];
