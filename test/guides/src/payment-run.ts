import { randomUUID } from 'node:crypto';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { sharedStack } from '@millrace/test-support/stack';
import { createPaymentTable, sendPayments } from './payments.ts';
import { StackLog } from './stack-log.ts';

export interface Counts {
  readonly sent: number;
  /** The number of rows in PostgreSQL. */
  readonly effects: number;
  readonly lost: number;
  readonly repeated: number;
}

/** Payments with their own topic and database on the shared stack. */
export class PaymentRun {
  readonly topic = `payments-${randomUUID()}`;
  readonly groupId = `payment-writers-${randomUUID()}`;
  readonly partitions: number;
  readonly log: StackLog;
  readonly database: TestDatabase;
  #sent = 0;

  private constructor(partitions: number, log: StackLog, database: TestDatabase) {
    this.partitions = partitions;
    this.log = log;
    this.database = database;
  }

  static async open(partitions: number): Promise<PaymentRun> {
    const stack = sharedStack();
    const run = new PaymentRun(partitions, new StackLog(stack), await createTestDatabase(stack.postgresUrl));
    await migrate(run.database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await run.database.pool.query(createPaymentTable);
    await run.log.newTopic(run.topic, partitions);
    return run;
  }

  /** The part of the task that all programs of the run share. */
  get task() {
    const { topic, partitions, groupId } = this;
    return {
      bootstrapServers: this.log.bootstrapServers,
      databaseUrl: this.database.url,
      topic,
      partitions,
      groupId,
    };
  }

  get sent(): number {
    return this.#sent;
  }

  async send(count: number): Promise<void> {
    const from = this.#sent + 1;
    this.#sent += count;
    await sendPayments(this.log.producer, this.topic, from, this.#sent);
  }

  async counts(): Promise<Counts> {
    const { rows } = await this.database.pool.query<{ effects: number; payments: number }>(
      'SELECT count(*)::integer AS effects, count(DISTINCT payment_id)::integer AS payments FROM payment',
    );
    const { effects = 0, payments = 0 } = rows[0] ?? {};
    return { sent: this.#sent, effects, lost: this.#sent - payments, repeated: effects - payments };
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.database.drop();
  }
}
