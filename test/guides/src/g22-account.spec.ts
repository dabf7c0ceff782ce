import { beforeAll, describe, expect, it } from '@jest/globals';
import { createAsyncProjection } from '@millrace/event-sourcing';
import { systemClock } from '@millrace/streaming-core/runtime';
import { pgDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic, type ForeignRecord } from '@millrace/testing/kcat';
import { ask, query } from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';
import { Pool } from 'pg';

const stack = sharedStack();
const accounts = `${stack.urls.payment}/accounts`;

interface AccountView {
  readonly customerId: string;
  readonly balance: { readonly amount: number; readonly currency: string };
  readonly version: number;
}

interface HistoryItem {
  readonly version: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly eventId: string;
  readonly recordedAt: string;
  readonly correlationId: string;
  readonly causationId: string;
}

const account = (query = ''): Promise<AccountView> => ask('GET', `${accounts}/123${query}`);
const history = async () =>
  (await ask<{ items: readonly HistoryItem[] }>('GET', `${accounts}/123/history`)).items;

describe('G22 account', () => {
  /** The balances that the service returned after each of the four events. */
  const answered: number[] = [];

  beforeAll(async () => {
    const tell = async (path: string, body: object) => {
      const { balance } = await ask<AccountView>('POST', `${accounts}${path}`, body);
      answered.push(balance.amount);
    };
    await tell('', { customerId: '123', currency: 'EUR' });
    await tell('/123/deposits', { amount: 100 });
    await momentsPass(2);
    await tell('/123/withdrawals', { amount: 30 });
    await tell('/123/deposits', { amount: 50 });
  });

  it('has the balances 0, 100, 70 and 120', async () => {
    expect(answered).toEqual([0, 100, 70, 120]);
    expect(await account()).toEqual({
      customerId: '123',
      balance: { amount: 120, currency: 'EUR' },
      version: 4,
    });
  });

  it('keeps four events with their metadata', async () => {
    const items = await history();

    expect(items.map(({ version, type, data }) => [version, type, data.amount])).toEqual([
      [1, 'AccountCreated', undefined],
      [2, 'MoneyDeposited', 100],
      [3, 'MoneyWithdrawn', 30],
      [4, 'MoneyDeposited', 50],
    ]);
    expect(new Set(items.map(({ eventId }) => eventId)).size).toBe(4);
    for (const { recordedAt, correlationId, causationId } of items) {
      expect(Date.now() - Date.parse(recordedAt)).toBeLessThan(600_000);
      expect(correlationId).toEqual(expect.stringMatching(/./));
      expect(causationId).toEqual(expect.stringMatching(/./));
    }
  });

  it('can be replayed to any version', async () => {
    const balances = await Promise.all(
      [1, 2, 3, 4].map(async (version) => (await account(`?version=${version}`)).balance.amount),
    );

    expect(balances).toEqual([0, 100, 70, 120]);
  });

  it('had 100 at a moment between events 2 and 3', async () => {
    const [, second, third] = (await history()).map(({ recordedAt }) => Date.parse(recordedAt));
    const between = Math.floor(((second ?? NaN) + (third ?? NaN)) / 2);
    expect(between).toBeGreaterThan(second ?? NaN);
    expect(between).toBeLessThan(third ?? NaN);

    expect(await account(`?at=${new Date(between).toISOString()}`)).toMatchObject({
      balance: { amount: 100 },
      version: 2,
    });
  });

  it('rejects a withdrawal of 121 and records no event for it', async () => {
    const refused = ask('POST', `${accounts}/123/withdrawals`, { amount: 121 });
    await expect(refused).rejects.toMatchObject({ answer: { status: 409 }, code: 'insufficient_funds' });

    const events = await query(
      stack,
      'payment',
      "SELECT type FROM event WHERE stream = 'account-123' ORDER BY version",
    );
    expect(events.map(({ type }) => type)).toEqual([
      'AccountCreated',
      'MoneyDeposited',
      'MoneyWithdrawn',
      'MoneyDeposited',
    ]);
    expect(await account()).toMatchObject({ balance: { amount: 120 }, version: 4 });
  });

  it('publishes its events on account-events under its key, in order', async () => {
    const told = await fourToldEvents();

    expect(told.map(({ value }) => JSON.parse(value) as unknown)).toEqual([
      { type: 'AccountCreated', accountId: '123', currency: 'EUR' },
      { type: 'MoneyDeposited', accountId: '123', amount: 100 },
      { type: 'MoneyWithdrawn', accountId: '123', amount: 30 },
      { type: 'MoneyDeposited', accountId: '123', amount: 50 },
    ]);
    // The partition is murmur2('123') % 6.
    expect(new Set(told.map(({ partition }) => partition))).toEqual(new Set([5]));
  });

  it("publishes every field of the guide's own records: event, account_id, timestamp, amount", async () => {
    const recordedAt = (await history()).map((item) => item.recordedAt);

    expect((await fourToldEvents()).map(asTheGuideWrites)).toEqual([
      { event: 'AccountCreated', account_id: '123', timestamp: recordedAt[0] },
      { event: 'MoneyDeposited', account_id: '123', timestamp: recordedAt[1], amount: 100 },
      { event: 'MoneyWithdrawn', account_id: '123', timestamp: recordedAt[2], amount: 30 },
      { event: 'MoneyDeposited', account_id: '123', timestamp: recordedAt[3], amount: 50 },
    ]);
  });

  it('gives a projection added later two deposits of 150 in total, from the same four events', async () => {
    expect(await depositsByALaterProjection('123')).toEqual({ deposits: 2, total: 150 });
    expect(await history()).toHaveLength(4);
  });
});

/** Waits until the clock has advanced, so that there is a moment strictly between two events. */
async function momentsPass(milliseconds: number): Promise<void> {
  const from = Date.now();
  await until(`${milliseconds} ms to pass`, 5_000, () => Date.now() > from + milliseconds);
}

/**
 * Waits for the relay to publish the four events of account 123, and resolves to them as a foreign
 * client reads them.
 */
async function fourToldEvents(): Promise<readonly ForeignRecord[]> {
  let told: readonly ForeignRecord[] = [];
  await until('four events of account 123 on account-events', 30_000, async () => {
    told = (await readTopic(stack.bootstrapServers, 'account-events')).filter(({ key }) => key === '123');
    return told.length >= 4;
  });
  return told;
}

/**
 * Converts a message to the guide's fields: ours has `type`, `accountId` and the time in its
 * CloudEvents header.
 */
function asTheGuideWrites({ value, headers }: ForeignRecord) {
  const { type, accountId, amount } = JSON.parse(value) as {
    readonly type: string;
    readonly accountId: string;
    readonly amount?: number;
  };
  return {
    event: type,
    account_id: accountId,
    timestamp: headers.get('ce_time'),
    ...(amount !== undefined && { amount }),
  };
}

/** Builds a view that was added after the events, in its own table in the payment database. */
async function depositsByALaterProjection(accountId: string) {
  const pool = new Pool({ connectionString: `${stack.postgresUrl}/millrace_payment`, max: 3 });
  const database = pgDatabase(pool);
  await pool.query(
    'CREATE TABLE deposits_per_account (account_id text PRIMARY KEY, deposits integer NOT NULL, total bigint NOT NULL)',
  );
  const projection = createAsyncProjection({
    database,
    clock: systemClock,
    logger: silentLogger,
    projection: {
      name: 'deposits-per-account',
      version: 1,
      eventTypes: ['MoneyDeposited'],
      async apply(transaction, events) {
        for (const { event } of events) {
          const { accountId: account, amount } = event as unknown as {
            readonly accountId: string;
            readonly amount: number;
          };
          await transaction.query(countDeposit, [account, amount]);
        }
      },
    },
  });
  projection.start();
  try {
    const { rows: ends } = await pool.query<{ last: string }>('SELECT max(position) AS last FROM event');
    await until(
      'the projection to catch up',
      30_000,
      async () => (await projection.position()) >= BigInt(ends[0]?.last ?? 0),
    );
    const { rows } = await pool.query(
      'SELECT deposits, total::integer FROM deposits_per_account WHERE account_id = $1',
      [accountId],
    );
    return rows[0] as unknown;
  } finally {
    await projection.stop();
    await pool.query('DROP TABLE deposits_per_account');
    await pool.query("DELETE FROM checkpoint WHERE projection = 'deposits-per-account'");
    await pool.end();
  }
}

const countDeposit = `
  INSERT INTO deposits_per_account AS d VALUES ($1, 1, $2)
  ON CONFLICT (account_id) DO UPDATE SET deposits = d.deposits + 1, total = d.total + EXCLUDED.total`;
