import { connectConsumer, type Consumer, type FetchedRecord } from '@millrace/streaming-core/client';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { createClient } from 'redis';

export const redisClient = (url: string) => createClient({ url });

export type Redis = ReturnType<typeof redisClient>;

/** The fields of an event on `account-events` that the view needs. */
interface AccountEvent {
  readonly type: string;
  readonly amount?: number;
}

const balances = 'balances';
const offsets = 'balances:offsets';

const changeOf = ({ type, amount = 0 }: AccountEvent): number =>
  type === 'MoneyWithdrawn' ? -amount : amount;

export interface BalanceView extends AsyncDisposable {
  /** Rejects with the failure that has ended the view, if there is one. */
  readonly ended: Promise<void>;
}

/**
 * Keeps the balance of each account in a hash of Redis. The offsets are in Redis too and change in the
 * same transaction, so each event counts once. An empty Redis is filled from the beginning of the topic.
 */
export function keepBalances(bootstrapServers: string, redis: Redis): BalanceView {
  const consumer: Consumer = connectConsumer({
    bootstrapServers: [bootstrapServers],
    clientId: 'balances',
    logger: silentLogger,
    groupId: `balances-${systemClock.now()}`,
    topics: ['account-events'],
    autoCommit: false,
    autoOffsetReset: 'earliest',
    async onAssigned(added) {
      for (const at of added) {
        const offset = await redis.hGet(offsets, String(at.partition));
        if (offset != null) consumer.seek({ ...at, offset: BigInt(offset) });
      }
    },
  });

  async function keep(records: readonly FetchedRecord[], partition: number, next: bigint): Promise<void> {
    const transaction = redis.multi();
    for (const { key, value } of records)
      transaction.hIncrBy(balances, String(key), changeOf(JSON.parse(String(value)) as AccountEvent));
    await transaction.hSet(offsets, String(partition), String(next)).exec();
  }

  async function run(): Promise<void> {
    for await (const { records, partition, nextOffset } of consumer.batches())
      await keep(records, partition, nextOffset);
  }

  const ended = run();
  return {
    ended,
    async [Symbol.asyncDispose]() {
      await consumer.close();
      await ended;
    },
  };
}

export async function balanceOf(redis: Redis, accountId: string): Promise<number | undefined> {
  const balance = await redis.hGet(balances, accountId);
  return balance == null ? undefined : Number(balance);
}
