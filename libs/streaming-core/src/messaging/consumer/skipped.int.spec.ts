import { describe, expect, it } from '@jest/globals';
import type { SqlDatabase } from '../../postgres/index.ts';
import { until, runtimeBench } from './runtime.bench.ts';
import type { OwnedPartition } from './ownership.ts';

/** Long enough that a test which waits for its end fails. */
const waitMs = 120_000;

describe('records without a handler', () => {
  const bench = runtimeBench();
  const { runtime, member, note, effects, offset } = bench;

  const skip = (count: number) => {
    for (let number = 0; number < count; number += 1) note(number, { type: 'Ignored' });
  };

  /** A database that counts the transactions that move an offset. */
  function counting(): { readonly database: SqlDatabase; readonly moves: () => number } {
    const { sql } = bench.database;
    let moves = 0;
    const database: SqlDatabase = {
      query: (text, values) => sql.query(text, values),
      transaction: (work) =>
        sql.transaction((transaction) =>
          work(
            transaction.withQuery((text, values) => {
              if (text.includes('INSERT INTO inbox')) moves += 1;
              return transaction.query(text, values);
            }),
          ),
        ),
    };
    return { database, moves: () => moves };
  }

  it('are passed by the transaction of the next record that has a handler', async () => {
    const { database, moves } = counting();
    const consumer = member();
    await runtime(consumer, { database, limits: { skippedWaitMsMax: waitMs } }).start();
    skip(3);
    await until(() => consumer.fetchedTo('notes', 0) === 3n);
    expect(await offset()).toBe('0');
    note(1);
    await until(async () => (await offset()) === '4');

    expect(await effects()).toEqual([1]);
    expect(moves()).toBe(1);
  });

  it('are passed by a transaction of their own at the end of the wait, which later ones do not extend', async () => {
    const consumer = member();
    await runtime(consumer, { limits: { skippedWaitMsMax: 300 } }).start();
    skip(2);
    const more = setInterval(() => skip(1), 50);
    try {
      await until(async () => Number(await offset()) >= 2);
    } finally {
      clearInterval(more);
    }
  });

  it('are passed at once when they fill a batch', async () => {
    await runtime(member(), { limits: { skippedWaitMsMax: waitMs, batchMessagesMax: 10 } }).start();
    skip(25);
    await until(async () => (await offset()) === '20');
  });

  it('are passed at once when a timer asks up to when everything was handled', async () => {
    const made = runtime(member(), { limits: { skippedWaitMsMax: waitMs } });
    const owned: OwnedPartition[] = [];
    made.addOwnershipListener({ onOwned: (partition) => void owned.push(partition) });
    await made.start();
    await until(() => owned.length === 1);
    skip(2);
    const askedAtMs = Date.now();
    await until(async () => (await owned[0]!.caughtUpTo(['notes'])) >= askedAtMs);

    expect(await offset()).toBe('2');
  });

  it('are shown to the guards before the offset passes them', async () => {
    const guarded: string[] = [];
    await runtime(member(), {
      limits: { skippedWaitMsMax: waitMs },
      skipGuards: [async (_, skipped) => void guarded.push(...skipped.map(({ offset: at }) => String(at)))],
    }).start();
    skip(2);
    note(1);
    await until(async () => (await offset()) === '3');

    expect(guarded).toEqual(['0', '1']);
  });
});
