/** Writes to an outbox at a steady rate, in the process of its relay, as a service does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { connectProducer } from '@millrace/streaming-core/client';
import { appendToOutbox, connectorOfOutbox, createRelay } from '@millrace/streaming-core/outbox';
import { pgDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/within';
import pg from 'pg';

export interface WriterTask {
  readonly bootstrapServers: string;
  readonly databaseUrl: string;
  /** The Connect worker that publishes; the relay does without one. */
  readonly connectUrl?: string;
  readonly topic: string;
  readonly transactions: number;
  readonly transactionsPerSecond: number;
  readonly messagesPerTransaction: number;
}

/** When the transaction of each message was committed, in Unix milliseconds. */
export type Committed = readonly number[];

process.on('disconnect', () => process.exit());
const task = JSON.parse(process.argv[2] ?? '{}') as WriterTask;
const pool = new pg.Pool({ connectionString: task.databaseUrl, max: 6, pipeline: true });
const relay = createRelay({
  database: pgDatabase(pool),
  holder: 'writer',
  producer: connectProducer({
    bootstrapServers: [task.bootstrapServers],
    clientId: 'writer',
    logger: silentLogger,
  }),
  connector: {
    control: connectorOfOutbox({
      url: task.connectUrl ?? 'http://127.0.0.1:1',
      name: 'outbox',
      databaseUrl: task.databaseUrl,
    }),
    publishes: task.connectUrl !== undefined,
  },
});
const database = pgDatabase(pool, (worker) => (worker === relay.worker ? relay : undefined));
relay.start();
await until(
  () => relay.status(),
  ({ publishing, follows }) => publishing && follows === (task.connectUrl !== undefined),
  60_000,
);
process.send?.('ready');
process.on('message', () => void write().then((committed) => process.send?.(committed)));

async function write(): Promise<Committed> {
  const committed: number[] = [];
  const startedAt = performance.now();
  const writing: Promise<void>[] = [];
  for (let number = 0; number < task.transactions; number += 1) {
    const dueMs = startedAt + (number * 1_000) / task.transactionsPerSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    writing.push(writeOnce(number, committed));
  }
  await Promise.all(writing);
  return committed;
}

async function writeOnce(transactionNumber: number, committed: number[]): Promise<void> {
  const first = transactionNumber * task.messagesPerTransaction;
  const numbers = Array.from({ length: task.messagesPerTransaction }, (_, index) => first + index);
  await database.transaction((transaction) =>
    appendToOutbox(
      transaction,
      numbers.map((number) => {
        const key = `order-${transactionNumber % 500}`;
        return {
          topic: task.topic,
          key,
          message: { type: 'OrderPlaced', orderId: key, number, note: 'x'.repeat(300) },
          attributes: {
            id: randomUUID(),
            source: '/millrace/order',
            type: 'OrderPlaced',
            time: new Date().toISOString(),
            subject: key,
            dataSchema: '/schemas/order-events/OrderPlaced/1',
            correlationId: key,
            causationId: key,
          },
        };
      }),
    ),
  );
  const now = performance.timeOrigin + performance.now();
  for (const number of numbers) committed[number] = now;
}
