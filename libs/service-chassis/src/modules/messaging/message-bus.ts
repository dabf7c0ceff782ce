import { lockStreams } from '@millrace/event-sourcing';
import {
  connectAdmin,
  connectGroupConsumer,
  connectGroupOffsets,
  connectLagReader,
  connectLogReader,
  connectProducer,
  type ConnectionSecurity,
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
  type RetryPolicy,
  type SkipGuard,
} from '@millrace/streaming-core/consumer';
import { milliseconds, seconds, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import {
  connectRelayTransactions,
  createRelay,
  relayLimits,
  type Delivery,
  type Relay,
} from '@millrace/streaming-core/outbox';
import type { PersonalData } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { newId } from '../events/recording.ts';

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
  /** The service's name, which is also its consumer group and its client id. */
  readonly service: string;
  /**
   * The name of this process, unique in the service and the same across restarts. By default, every
   * start takes a new one.
   */
  readonly instance?: string;
  readonly bootstrapServers: readonly string[];
  /**
   * How long a message may wait for others to share its transaction. Use it for effects that no
   * caller waits for.
   */
  readonly lingerMs?: DurationMs;
  /** The policy for every message whose handler has none of its own. */
  readonly retry?: Partial<RetryPolicy>;
  /** The longest pause of the relay, for work that it is not woken for. */
  readonly idlePollMs?: DurationMs;
  readonly limits?: MessageBusLimits;
  /** How often the relay may publish a message. The default is `at-least-once`. */
  readonly delivery?: Delivery;
  /** How long the inbox in the database remembers handled messages (`inboxRetentionMs`). */
  readonly inboxRetentionMs: DurationMs;
  /** TLS and credentials of the Kafka clients. */
  readonly security?: ConnectionSecurity;
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
  readonly personalData?: PersonalData;
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
  service,
  instance,
  bootstrapServers,
  security,
  database,
  quietDatabase,
  logger,
  commandTopics,
  personalData,
  lingerMs = 0,
  inboxRetentionMs,
  retry,
  idlePollMs = relayLimits.pollDelayMsMax,
  delivery,
  limits: {
    leaseMs = seconds(5),
    sessionTimeoutMs = seconds(6), // longer than transaction_timeout
    duplicateEveryMs = consumerLimits.duplicateEveryMs,
    pollDelayMsMin = relayLimits.pollDelayMsMin,
  } = {},
}: MessageBusOptions): MessageBus {
  const connection = { bootstrapServers, security, logger };
  const admin = connectAdmin({ ...connection, clientId: `${service}-admin`, operationTimeoutMs: seconds(1) });
  const lagReader = connectLagReader({
    ...connection,
    clientId: `${service}-lag`,
    operationTimeoutMs: seconds(2),
  });
  const logReader = connectLogReader({
    ...connection,
    clientId: `${service}-operators`,
    isolation: 'read_committed',
  });
  const producer = connectProducer({
    ...connection,
    clientId: relayClientId(service),
    closeTimeoutMs: seconds(1),
  });
  const marks = connectGroupOffsets({
    ...connection,
    clientId: relayClientId(service),
    groupId: relayGroup(service),
    operationTimeoutMs: seconds(1),
  });
  const transactions = connectRelayTransactions({
    ...connection,
    clientId: relayClientId(service),
    transactionalId: relayTransactionalId(service),
    cursorTopic: relayCursorTopic(service),
    closeTimeoutMs: seconds(1),
  });
  const relay = createRelay({
    database: quietDatabase,
    producer,
    marks,
    delivery,
    transactions,
    holder: instance ?? newId(),
    logger,
    maintenance: { inboxRetentionMs },
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
        group: service,
        consumer: connectGroupConsumer({
          ...connection,
          clientId: service,
          groupId: service,
          groupInstanceId: instance,
          topics: topicsOf(handlers),
          closeTimeoutMs: seconds(2), // a host that is gone does not even refuse connections
          sessionTimeoutMs,
          fetchMaxWaitMs,
        }),
        limits: { ...retry, drainTimeoutMs: seconds(5), lingerMs, duplicateEveryMs },
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
 * The relay has its own client id, so that metrics can tell what it sends from what the service
 * reads.
 */
export const relayClientId = (service: string): string => `${service}-relay`;

/** The group whose offsets carry the relay's marks. Nobody joins it. */
const relayGroup = (service: string): string => `${service}-relay`;

const relayTransactionalId = (service: string): string => `${service}-relay`;

const relayCursorTopic = (service: string): string => `${service}-relay-cursor`;

export const topicsOf = (handlers: readonly MessageHandler[]): readonly string[] => [
  ...new Set(handlers.map(({ message }) => message.topic.name)),
];
