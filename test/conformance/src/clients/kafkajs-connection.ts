import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';
import type { CaseContext } from '../case-context.ts';
import { reached } from '../reached.ts';

/** Connects a client whose warnings and errors go into the case's transcript. */
export const connect = (context: CaseContext): Kafka =>
  new Kafka({
    clientId: 'conformance-kafkajs',
    brokers: [context.bootstrapServers],
    logLevel: logLevel.WARN,
    retry: { initialRetryTime: 50, retries: 5 },
    logCreator: () => (entry) =>
      context.transcript.add(`kafkajs ${entry.namespace}`, JSON.stringify(entry.log)),
  });

export interface ReadMessage {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: KafkaMessage['headers'];
}

export interface ReadOptions {
  readonly groupId?: string;
  readonly readUncommitted?: boolean;
  readonly limitMs?: number;
}

/**
 * Reads a topic from its beginning as the only member of a group, until this many messages have
 * arrived.
 */
export async function readMessages(
  context: CaseContext,
  topic: string,
  count: number,
  options: ReadOptions = {},
): Promise<readonly ReadMessage[]> {
  const {
    groupId = context.name(`reader-${Math.random().toString(36).slice(2, 8)}`),
    readUncommitted = false,
    limitMs = 20_000,
  } = options;
  const consumer = connect(context).consumer({ groupId, readUncommitted, maxWaitTimeInMs: 100 });
  const messages: ReadMessage[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async ({ partition, message: { offset, key, value, headers } }) => {
        messages.push({ partition, offset, key: textOf(key), value: textOf(value), headers });
      },
    });
    await reached(() => messages.length >= count, `${count} messages of ${topic}`, limitMs);
  } finally {
    await consumer.disconnect();
  }
  return messages;
}

const textOf = (bytes: Buffer | null): string | null => bytes?.toString('utf8') ?? null;
