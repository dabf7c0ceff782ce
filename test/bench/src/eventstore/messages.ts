import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  type ConnectionOptions,
} from '@millrace/streaming-core/client';
import { createConsumerRuntime } from '@millrace/streaming-core/consumer';
import { topic } from '@millrace/streaming-core/contract';
import { appendToOutbox, createRelay, type Relay } from '@millrace/streaming-core/outbox';
import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { days, silentLogger } from '@millrace/streaming-core/runtime';
import type { TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { z } from 'zod';

export interface Messages {
  /** Relays so many messages that are in the outbox already. Returns the messages a second. */
  relayRate(messages: number): Promise<number>;
  /**
   * Commits messages at a steady rate, as requests that do not wait for each other. Returns the ms
   * of each from the answer to COMMIT until its handler was called.
   */
  commitToHandlerMs(load: {
    readonly perSecond: number;
    readonly seconds: number;
  }): Promise<readonly number[]>;
  stop(): Promise<void>;
}

const declared = (name: string) =>
  topic(
    name,
    { key: 'key', partitions: 3, retention: days(7) },
    { Taken: z.strictObject({ key: z.string(), number: z.int() }) },
  );
/** Messages that are only relayed, and messages that are handled as well. */
const relayed = declared('bench-relayed');
const handled = declared('bench-handled');
const rowsPerTransaction = 500;

/** Opens a relay and a consumer in this process, between a database with an outbox and a broker. */
export async function openMessages({ sql, pool }: TestDatabase, bootstrapServer: string): Promise<Messages> {
  const connection = { bootstrapServers: [bootstrapServer], clientId: 'bench', logger: silentLogger };
  const admin = connectAdmin(connection);
  await admin.createTopics(
    [relayed, handled, declared('bench-handled.dlq')].map(({ declaration }) => declaration),
  );
  await admin.close();
  const producer = connectProducer(connection);
  const relay = createRelay({ database: sql, producer, holder: v7() });
  const handing = pgDatabase(pool, (worker) => (worker === relay.worker ? relay : undefined));
  return {
    relayRate: (messages) => relayRate(sql, relay, messages),
    commitToHandlerMs: (load) => commitToHandlerMs({ sql: handing, relay, connection }, load),
    async stop() {
      await relay.stop();
      await producer.close();
    },
  };
}

const write = (
  sql: SqlDatabase,
  { declaration, Taken }: typeof relayed,
  numbers: readonly number[],
): Promise<void> =>
  sql.transaction((transaction) =>
    appendToOutbox(
      transaction,
      numbers.map((number) => {
        const key = `shelf-${number % 100}`;
        const attributes = {
          id: v7(),
          source: '/millrace/bench',
          type: 'Taken',
          time: new Date().toISOString(),
          subject: key,
          dataSchema: '/schemas/bench/Taken/1',
          correlationId: 'bench',
          causationId: 'bench',
        };
        return { topic: declaration.name, key, message: Taken({ key, number }), attributes };
      }),
    ),
  );

async function relayRate(sql: SqlDatabase, relay: Relay, messages: number): Promise<number> {
  for (let first = 0; first < messages; first += rowsPerTransaction)
    await write(
      sql,
      relayed,
      Array.from({ length: Math.min(rowsPerTransaction, messages - first) }, (_, index) => first + index),
    );
  let left = messages;
  const { promise: allPublished, resolve } = Promise.withResolvers<void>();
  const count = (report: unknown) => {
    left -= (report as { readonly rows: number }).rows;
    if (left <= 0) resolve();
  };
  subscribe('millrace.relay.published', count);
  const startedAt = performance.now();
  relay.start();
  await allPublished;
  unsubscribe('millrace.relay.published', count);
  return (messages / (performance.now() - startedAt)) * 1_000;
}

interface Way {
  readonly sql: SqlDatabase;
  readonly relay: Relay;
  readonly connection: ConnectionOptions;
}

async function commitToHandlerMs(
  { sql, relay, connection }: Way,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly number[]> {
  const count = perSecond * seconds;
  const committedAt = new Map<number, number>();
  const ms: number[] = [];
  const { promise: allHandled, resolve } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const runtime = createConsumerRuntime({
    group: 'bench',
    consumer: connectGroupConsumer({ ...connection, groupId: 'bench', topics: [handled.declaration.name] }),
    database: sql,
    handlers: [
      {
        message: handled.Taken,
        async handle({ number }) {
          const at = committedAt.get(Number(number));
          if (Number(number) === 0) begin();
          if (at !== undefined) ms.push(performance.now() - at);
          if (ms.length === count) resolve();
        },
      },
    ],
  });
  const commit = async (number: number) => {
    await write(sql, handled, [number]);
    if (number > 0) committedAt.set(number, performance.now());
    relay.notify();
  };
  await runtime.start();
  try {
    await commit(0); // the group has its partitions once this one is handled
    await begun;
    const startedAt = performance.now();
    const commits: Promise<void>[] = [];
    for (let number = 1; number <= count; number++) {
      const waitMs = startedAt + (number * 1_000) / perSecond - performance.now();
      if (waitMs > 0) await new Promise((wake) => setTimeout(wake, waitMs));
      commits.push(commit(number));
    }
    await Promise.all([...commits, allHandled]);
  } finally {
    await runtime.stop();
  }
  return ms;
}
