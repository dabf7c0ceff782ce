import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { OwnedPartition } from '@millrace/streaming-core/consumer';
import { SqlTransaction } from '@millrace/streaming-core/postgres';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { TIMERS_UNTIL } from '../postgres/saga.sql.ts';
import { defaultTimerSettings } from './options.ts';
import { timerDriver } from './timer-driver.ts';

/** A driver whose pauses end only when it is woken, and whose database finds no timers. */
function openDriver() {
  const pauses: number[] = [];
  const asked: string[] = [];
  let away = false;
  const query: SqlTransaction['query'] = async (text) => {
    asked.push(text);
    if (away) throw new Error('the database is away');
    return { rows: [], rowCount: 0 };
  };
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    after: (span: number) => (pauses.push(span), () => undefined),
  };
  const driver = timerDriver({
    database: {
      query,
      transaction: (work) => work(SqlTransaction.on({ query, end: async (statement) => statement })),
    },
    clock,
    logger: silentLogger,
    settings: defaultTimerSettings,
    topicsByStart: new Map([['trip-events', ['trip-events']]]),
    holds: { current: () => Promise.resolve({ definitions: new Set(), topics: new Set() }) },
    fire: () => Promise.resolve(),
  });
  const owned: OwnedPartition = {
    topic: 'trip-events',
    partition: 0,
    epoch: 1n,
    caughtUpTo: () => Promise.resolve(0),
    parkedAmong: () => Promise.resolve(new Set<string>()),
    transaction: (work) => work(SqlTransaction.on({ query, end: async (statement) => statement })),
  };
  return { driver, owned, pauses, asked, takeAway: () => (away = true) };
}

describe('the driver of saga timers', () => {
  it('looks for timers as soon as the process gets a partition', async () => {
    const { driver, owned, pauses, asked } = openDriver();
    driver.start();
    await setImmediate();
    expect(asked).toEqual([]);
    driver.ownership.onOwned?.(owned);
    await setImmediate();

    expect(asked).toContain(TIMERS_UNTIL);
    expect(pauses).toEqual([5_000, 5_000]);
    await driver.stop();
  });

  it('tries again within a second when the database was away', async () => {
    const { driver, owned, pauses, takeAway } = openDriver();
    takeAway();
    driver.start();
    await setImmediate();
    await driver.ownership.onDisrupted?.(owned);
    driver.ownership.onOwned?.(owned);
    await setImmediate();

    expect(pauses.at(-1)).toBe(1_000);
    await driver.stop();
  });
});
