import { describe, expect, it } from '@jest/globals';
import { v7 } from 'uuid';
import { within } from '@millrace/testing/within';
import { ClientError, connectTransactionalProducer, type Transaction } from '../../client/index.ts';
import { exactlyOnceBench } from './exactly-once.fixture.ts';
import { range } from './relay.bench.ts';
import type { RelayTransactions } from './relay-transactions.ts';

const until = within(20_000);

describe('a relay with exactly-once delivery', () => {
  const bench = exactlyOnceBench();
  const { relay, append, visible, onLog } = bench;

  const seen = (count: number) => until(async () => (await visible()).length >= count);

  /**
   * Runs a relay that publishes the numbers and crashes after a commit, before its cursor in the
   * database has moved over the last rows. `halfway` runs after the first row.
   */
  async function crashAfterCommit(
    [first = 0, ...others]: readonly number[],
    halfway: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    let stuck = false;
    const crashing = relay({
      database: bench.withCursor(() => stuck),
      limits: { retryDelayMsMin: 60_000, retryDelayMsMax: 60_000 },
    });
    await append(first);
    await until(async () => (await crashing.status()).position > 0n);
    stuck = true;
    await halfway();
    await append(...others);
    await until(async () => (await crashing.status()).failure !== undefined);
    await crashing.stop();
  }

  it('publishes every row once, and its cursor with them', async () => {
    const first = relay();
    await append(...range(1, 120));
    await seen(120);
    await until(async () => (await first.status()).oldestUnpublishedAgeMs === null);

    expect(await onLog()).toEqual(range(1, 120));
    const { position } = await first.status();
    const cursor = JSON.parse((await bench.cursors()).at(-1) ?? '{}') as object;
    expect(cursor).toMatchObject({ position: String(position), store: expect.any(String) });
  });

  it('M50 repeats nothing after a crash between the commit and the move of the cursor in the database', async () => {
    await crashAfterCommit(range(1, 40));
    const successor = relay();
    await append(...range(41, 45));
    await seen(45);

    expect(await onLog()).toEqual(range(1, 45));
    await until(async () => (await successor.status()).oldestUnpublishedAgeMs === null);
  });

  it('M50 repeats nothing if no broker answered a commit that took effect', async () => {
    const actual = bench.transactions();
    let unanswered = 1;
    const transactions: RelayTransactions = {
      ...actual,
      async takeOver() {
        const { producer, cursor } = await actual.takeOver();
        const transaction: typeof producer.transaction = async (work) => {
          const result = await producer.transaction(work);
          if (unanswered-- > 0) throw new ClientError('outcome_unknown', 'no broker answered the commit');
          return result;
        };
        return { cursor, producer: { ...producer, transaction } };
      },
    };
    const only = relay({ transactions });
    await append(...range(1, 10));
    await seen(10);
    await append(11);
    await seen(11);

    expect(unanswered).toBeLessThan(0);
    expect(await onLog()).toEqual(range(1, 11));
    await until(async () => (await only.status()).failure === undefined);
  });

  it('M50 publishes the rows of an aborted transaction again, so that each is visible once', async () => {
    let failures = 2;
    const transactions = bench.transactions(async () => {
      if (failures-- > 0) throw new ClientError('timeout', 'the broker did not answer in time');
    });
    relay({ transactions });
    await append(...range(1, 10));
    await seen(10);

    expect(await onLog()).toEqual(range(1, 10));
  });

  it('M50 fences a former holder that was paused in a transaction and wakes after the hand-over', async () => {
    let paused = false;
    let wake = () => {};
    const awake = new Promise<void>((resolve) => (wake = resolve));
    const actual = bench.transactions(async () => {
      paused = true;
      await awake;
    });
    const failures: unknown[] = [];
    const transactions: RelayTransactions = {
      ...actual,
      async takeOver() {
        const { producer, cursor } = await actual.takeOver();
        const transaction: typeof producer.transaction = (work) =>
          producer.transaction(work).catch((error: unknown) => {
            failures.push(error);
            throw error;
          });
        return { cursor, producer: { ...producer, transaction } };
      },
    };
    relay({ transactions, limits: { leaseMs: 1_500, renewEveryMs: 100_000 } });
    await append(...range(1, 10));
    await until(() => paused);
    relay({ holder: 'successor' });
    await seen(10);
    wake();
    await until(() => failures.length > 0);
    expect(failures[0]).toMatchObject({ code: 'fenced' });
    await append(...range(11, 20));
    await seen(20);

    expect(await onLog()).toEqual(range(1, 20));
  });

  it('competes for its lease again when another producer takes over its transactional id', async () => {
    const fenced = relay();
    await append(1);
    await seen(1);
    const { epoch } = await fenced.status();
    const other = connectTransactionalProducer({
      ...bench.connection(),
      transactionalId: bench.cursorTopic,
    });
    await other.open();
    await other.close();
    await append(2);
    await seen(2);

    expect(await onLog()).toEqual([1, 2]);
    expect(await fenced.status()).toMatchObject({ publishing: true, epoch: epoch + 1n });
  });

  it('publishes nothing if it loses its lease while it takes over the log', async () => {
    const actual = bench.transactions();
    let stolen = false;
    const transactions: RelayTransactions = {
      ...actual,
      async takeOver() {
        const taken = await actual.takeOver();
        if (!stolen)
          await bench.database.sql.query(
            "UPDATE relay_cursor SET holder = 'other', epoch = epoch + 1, lease_until = clock_timestamp() + interval '1 hour'",
          );
        stolen = true;
        return taken;
      },
    };
    await append(...range(1, 5));
    const late = relay({ transactions });
    await until(async () => stolen && !(await late.status()).publishing);

    expect(await onLog()).toEqual([]);
    await bench.database.sql.query("UPDATE relay_cursor SET lease_until = '-infinity'");
    await seen(5);
    expect(await onLog()).toEqual(range(1, 5));
  });

  it('M50 waits for a foreign transaction that hides its last cursor, and says so', async () => {
    const foreign = connectTransactionalProducer({ ...bench.connection(), transactionalId: v7() });
    let open: Transaction | undefined;
    await crashAfterCommit(range(1, 2), async () => {
      open = await foreign.begin();
      await open.send([{ topic: bench.cursorTopic, partition: 0, key: 'foreign', value: 'x' }]);
    });
    const successor = relay();
    await until(async () => (await successor.status()).failure !== undefined);

    expect((await successor.status()).failure?.message).toContain('a foreign transaction is open');
    await open?.abort();
    await foreign.close();
    await append(3);
    await seen(3);
    expect(await onLog()).toEqual([1, 2, 3]);
  });

  it('M50 stops before a database that is older than the log, until the remedy is applied', async () => {
    const first = relay();
    await append(1);
    await seen(1);
    await first.stop();
    const restored = await bench.database.copy();
    relay();
    await append(2);
    await seen(2);
    await bench.appendTo(restored, 3, 4);
    const refused = relay({ database: restored.sql });
    await until(async () => (await refused.status()).failure !== undefined);
    const { failure } = await refused.status();
    const remedy = /WITH renamed .*$/.exec(failure?.message ?? '')?.[0] ?? '';

    expect(failure).toMatchObject({
      code: 'cursor_refused',
      message: expect.stringMatching(/has already published up to position 2 .* older than the log/),
    });
    expect(await onLog()).toEqual([1, 2]);
    await restored.sql.query(remedy);
    await seen(4);
    await refused.stop();
    await restored.drop();
    expect(await onLog()).toEqual([1, 2, 3, 4]);
  });

  it('M50 continues at the cursor in the database when its topic was deleted', async () => {
    const first = relay();
    await append(...range(1, 10));
    await seen(10);
    await first.stop();
    await bench.admin.deleteTopics([bench.cursorTopic]);
    relay();
    await append(...range(11, 20));
    await seen(20);

    expect(await onLog()).toEqual(range(1, 20));
    expect(await bench.cursors()).not.toEqual([]);
  });

  it('creates the topic of its cursor again when that is deleted while it publishes', async () => {
    relay();
    await append(...range(1, 10));
    await seen(10);
    await bench.admin.deleteTopics([bench.cursorTopic]);
    await append(...range(11, 20));
    await seen(20);

    expect(await onLog()).toEqual(range(1, 20));
    expect(await bench.cursors()).not.toEqual([]);
  });

  it('M51 takes over from at-least-once delivery where the cursor in the database is', async () => {
    const before = relay({ delivery: 'at-least-once' });
    await append(...range(1, 10));
    await seen(10);
    await before.stop();
    await append(...range(11, 15));
    relay();
    await seen(15);

    expect(await onLog()).toEqual(range(1, 15));
  });

  it('M51 hands over to at-least-once delivery where the cursor on the log is', async () => {
    await crashAfterCommit(range(1, 10));
    await append(...range(11, 15));
    const after = relay({ delivery: 'at-least-once' });
    await seen(15);
    await after.stop();
    expect(await onLog()).toEqual(range(1, 15));

    await append(16);
    relay();
    await seen(16);
    expect(await onLog()).toEqual(range(1, 16));
  });

  it('leaves its outbox to no relay that cannot read the cursor on the log', async () => {
    await crashAfterCommit(range(1, 10));
    const blind = relay({ delivery: 'at-least-once', transactions: undefined });
    await until(async () => (await blind.status()).failure !== undefined);

    expect((await blind.status()).failure).toMatchObject({
      code: 'cursor_refused',
      message: expect.stringContaining('give this relay the option `transactions`'),
    });
    expect(await onLog()).toEqual(range(1, 10));
  });
});
