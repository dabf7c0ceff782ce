import { connectProducer } from '@millrace/streaming-core/client';
import { topic, type Message, type TopicDeclaration } from '@millrace/streaming-core/contract';
import { days } from '@millrace/streaming-core/runtime';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import { pgDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { Pool } from 'pg';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { dieHere, readTask } from './task.ts';

export interface OrderTask {
  readonly bootstrapServers: string;
  readonly databaseUrl: string;
  /** The topics `orders`, `inventory` and `notifications` of this run. */
  readonly topics: readonly string[];
  readonly order: string;
  /**
   * `outbox` writes the messages in the row's transaction. `commit first` and `send first` write
   * row and messages separately.
   */
  readonly way: 'outbox' | 'commit first' | 'send first';
  readonly dies: 'before the commit' | 'after the commit' | 'between two topics';
  /** The program rolls back instead of dying. */
  readonly rollsBack?: boolean;
}

/** Writes one order to its table and its events to three topics. */
const { bootstrapServers, databaseUrl, topics, order, way, dies, rollsBack } = readTask<OrderTask>();
const pool = new Pool({ connectionString: databaseUrl, max: 1 });
const database = pgDatabase(pool);
const messages = topics.map((name) =>
  topic(
    name,
    { key: 'order', partitions: 1, retention: days(7) },
    { OrderPlaced: z.strictObject({ order: z.string() }) },
  ),
);

class RolledBack extends Error {}

const commit = () =>
  database.transaction(async (transaction) => {
    await transaction.query('INSERT INTO placed_order VALUES ($1)', [order]);
    if (way === 'outbox')
      await appendToOutbox(
        transaction,
        messages.map(({ declaration, OrderPlaced }) => outboxMessage(declaration, OrderPlaced({ order }))),
      );
    if (dies === 'before the commit')
      await (rollsBack === true ? Promise.reject(new RolledBack()) : dieHere());
  });

async function send(): Promise<void> {
  const producer = connectProducer({
    bootstrapServers: [bootstrapServers],
    clientId: 'order-writer',
    logger: silentLogger,
  });
  for (const { declaration, OrderPlaced } of messages) {
    await producer.send([
      { topic: declaration.name, key: order, value: JSON.stringify(OrderPlaced({ order })) },
    ]);
    if (dies === 'between two topics') await dieHere();
  }
  await producer.close();
}

const outboxMessage = ({ name }: TopicDeclaration, message: Message) => ({
  topic: name,
  key: order,
  message,
  attributes: {
    id: newId(),
    source: '/guides/orders',
    type: message.type,
    time: new Date().toISOString(),
    subject: order,
    dataSchema: `/schemas/${name}/${message.type}/1`,
    correlationId: order,
    causationId: order,
  },
});

if (way === 'send first') await send();
await commit().catch((error: unknown) => {
  if (!(error instanceof RolledBack)) throw error;
});
if (dies === 'after the commit') await dieHere();
if (way === 'commit first') await send();
await pool.end();
process.exit();
