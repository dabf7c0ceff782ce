import { connectAdmin, connectGroupConsumer, type ConsumedRecord } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { Pool } from 'pg';
import { insertPayment, type PaymentEvent } from '../payments.ts';
import { dieHere, readTask } from './task.ts';

export interface CommittingTask {
  readonly bootstrapServers: string;
  readonly databaseUrl: string;
  readonly topic: string;
  readonly groupId: string;
  /** When the consumer commits: `before` handling is at most once, `after` it is at least once. */
  readonly commits: 'before' | 'after';
  /** The consumer dies between commit and handling, in the poll that has this offset. */
  readonly diesAtOffset?: number;
}

/** The size of a poll, like `max.poll.records`. */
const pollRecordsMax = 50;

/**
 * A plain Kafka consumer of partition 0 that commits by hand to the broker, reads to the end and
 * exits.
 */
const { bootstrapServers, databaseUrl, topic, groupId, commits, diesAtOffset } = readTask<CommittingTask>();
const connection = { bootstrapServers: [bootstrapServers], clientId: groupId, logger: silentLogger };
const pool = new Pool({ connectionString: databaseUrl, max: 1 });
const admin = connectAdmin(connection);
const consumer = connectGroupConsumer({
  ...connection,
  groupId,
  topics: [topic],
  groupInstanceId: groupId,
  fetchMaxWaitMs: 100,
});
await consumer.start({ onRevoked: async () => undefined, onAssigned: async () => undefined });

const partition = { topic, partition: 0 };
const [end] = await consumer.endOffsets([partition]);
let offset =
  (await admin.committedOffsets(groupId)).find((committed) => committed.topic === topic)?.offset ?? 0n;
while (offset < (end?.offset ?? 0n)) {
  const [answer] = await consumer.fetch([{ ...partition, offset }]);
  if (answer?.error !== undefined) throw answer.error;
  await takePoll((answer?.records ?? []).slice(0, pollRecordsMax));
}
await Promise.all([consumer.close(), admin.close(), pool.end()]);
process.exit();

async function takePoll(records: readonly ConsumedRecord[]): Promise<void> {
  const last = records.at(-1);
  if (last === undefined) return;
  offset = last.offset + 1n;
  const steps = [() => consumer.commit([{ ...partition, offset }]), () => handle(records)];
  for (const [index, step] of (commits === 'before' ? steps : steps.reverse()).entries()) {
    if (index === 1 && records.some((record) => record.offset === BigInt(diesAtOffset ?? -1)))
      await dieHere();
    await step();
  }
}

async function handle(records: readonly ConsumedRecord[]): Promise<void> {
  for (const { value, ...at } of records) {
    const { payment_id, amount } = JSON.parse(String(value)) as PaymentEvent;
    await pool.query(insertPayment, [payment_id, amount, at.partition, at.offset]);
  }
}
