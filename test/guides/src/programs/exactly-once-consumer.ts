import { connectGroupConsumer } from '@millrace/streaming-core/client';
import { createConsumerRuntime, type MessageHandler } from '@millrace/streaming-core/consumer';
import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { Pool } from 'pg';
import { insertPayment, paymentTopic } from '../payments.ts';
import { dieHere, readTask } from './task.ts';

/**
 * The point at which the program kills itself:
 * - `offset`: the transaction has moved the offset but not handled the record;
 * - `handled`: the batch is handled, and COMMIT was sent with its last statement but not answered;
 * - `committed`: COMMIT is done and nothing has followed it.
 */
export type Place = 'offset' | 'handled' | 'committed';

export interface ExactlyOnceTask {
  readonly bootstrapServers: string;
  readonly databaseUrl: string;
  readonly topic: string;
  readonly partitions: number;
  readonly groupId: string;
  /**
   * A restart under this name gets its partitions back at once. Without it, every start is a new
   * member.
   */
  readonly groupInstanceId?: string;
  readonly dies?: { readonly place: Place; readonly atOffset: number };
}

/** Runs the platform's consumer, which writes payments to PostgreSQL until the test stops it. */
const { bootstrapServers, databaseUrl, topic, partitions, groupId, groupInstanceId, dies } =
  readTask<ExactlyOnceTask>();
const pool = new Pool({ connectionString: databaseUrl, max: 4 });
pool.on('error', () => undefined);
const payments = paymentTopic(topic, partitions);
let reached = false;
const dieAt = async (place: Place): Promise<void> => {
  if (reached && dies?.place === place) await dieHere();
};

const handler: MessageHandler = {
  message: payments.PaymentProcessed,
  async handle({ payment_id, amount }, { partition, offset, transaction }) {
    reached ||= dies !== undefined && offset >= BigInt(dies.atOffset);
    await dieAt('offset');
    await transaction.query(insertPayment, [payment_id, amount, partition, offset]);
  },
};

const sql = pgDatabase(pool);
const mortal: SqlDatabase = {
  query: (text, values) => sql.query(text, values),
  async transaction(work) {
    const result = await sql.transaction(async (transaction) => {
      const worked = await work(transaction);
      await dieAt('handled');
      return worked;
    });
    await dieAt('committed');
    return result;
  },
};

const connection = { bootstrapServers: [bootstrapServers], clientId: groupId, logger: silentLogger };
const runtime = createConsumerRuntime({
  group: groupId,
  consumer: connectGroupConsumer({
    ...connection,
    groupId,
    topics: [topic],
    groupInstanceId,
    sessionTimeoutMs: 6_000,
    fetchMaxWaitMs: 100,
  }),
  database: mortal,
  handlers: [handler],
});
process.once('SIGTERM', () => void stop());
await runtime.start();

async function stop(): Promise<void> {
  await runtime.stop();
  await pool.end();
  process.exit();
}
