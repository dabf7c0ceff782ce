import { lockStreams } from '@millrace/event-sourcing';
import {
  connectAdmin,
  connectGroupConsumer,
  connectLagReader,
  connectProducer,
} from '@millrace/streaming-core/client';
import { createConsumerRuntime, type MessageHandler } from '@millrace/streaming-core/consumer';
import { milliseconds, seconds } from '@millrace/streaming-core/contract';
import { createRelay } from '@millrace/streaming-core/outbox';
import { newId } from '../events/recording.ts';
import type { EngineOptions, MessagingEngine } from './messaging-engine.ts';

/**
 * Over the Kafka protocol: the embedded broker or any other. Offsets, inbox and outbox are in the service's database. A process that
 * was killed is replaced within the lease and the session, and at once by one of the same instance name; stopping never waits long for a broker that is away, since the outbox keeps all.
 */
export function kafkaEngine(options: EngineOptions): MessagingEngine {
  const {
    service,
    instance,
    bootstrapServers,
    security,
    database,
    quietDatabase,
    logger,
    commandTopics,
    lingerMs = 0,
    leaseMs = seconds(5),
    sessionTimeoutMs = seconds(6), // above transaction_timeout
  } = options;
  const connection = { bootstrapServers, security, logger };
  const admin = connectAdmin({ ...connection, clientId: `${service}-admin`, operationTimeoutMs: seconds(1) });
  const lagReader = connectLagReader({
    ...connection,
    clientId: `${service}-lag`,
    operationTimeoutMs: seconds(2),
  });
  const producer = connectProducer({
    ...connection,
    clientId: relayClientId(service),
    closeTimeoutMs: seconds(1),
  });
  const relay = createRelay({
    database: quietDatabase,
    producer,
    holder: instance ?? newId(),
    logger,
    limits: {
      leaseMs,
      renewEveryMs: milliseconds(1_500),
      competeEveryMs: milliseconds(500),
      stopTimeoutMs: seconds(2),
    },
  });
  return {
    relay,
    lagReader,
    describeTopics: (topics) => admin.describeTopics(topics),
    createRuntime: (handlers) =>
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
        }),
        limits: { drainTimeoutMs: seconds(5), lingerMs },
        database,
        handlers,
        lockStreams,
        commandTopics,
        logger,
        newId,
      }),
    close: async () => {
      await Promise.all([producer.close(), admin.close(), lagReader.close()]);
    },
  };
}

/** By which the log, and whoever counts, tells what a relay sends from what its service reads under its own name. */
export const relayClientId = (service: string): string => `${service}-relay`;

export const topicsOf = (handlers: readonly MessageHandler[]): readonly string[] => [
  ...new Set(handlers.map(({ message }) => message.topic.name)),
];
