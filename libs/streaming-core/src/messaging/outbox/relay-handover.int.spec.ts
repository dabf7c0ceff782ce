import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { hours, milliseconds, seconds, silentLogger } from '../../runtime/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { relayLimits } from './relay-limits.ts';
import { MemoryLog, range, relayBench, until } from './relay.bench.ts';
import { advanceCursor, renewLease, takeLease } from './relay.sql.ts';

describe('one of several relays of an outbox', () => {
  const bench = relayBench();
  const { relay, append, failing } = bench;

  it('M04 publishes alone, and is succeeded at once when it stops', async () => {
    const first = relay();
    const second = relay({ limits: { competeEveryMs: 5 } });
    first.start();
    await until(async () => (await first.status()).publishing);
    second.start();
    await append(...range(1, 50));
    await until(() => bench.log.records.length === 50);
    expect((await second.status()).publishing).toBe(false);

    await first.stop();
    await until(async () => (await second.status()).publishing);
    await append(...range(51, 60));
    await until(() => bench.log.records.length === 60);
    expect(bench.log.numbers).toEqual(range(1, 60));
  });

  it('M04 is fenced after a stall, so that it records nothing, stops publishing and competes again', async () => {
    let release: (() => void) | undefined;
    const stalled = new MemoryLog();
    stalled.before = () => new Promise<void>((resolve) => (release = resolve));
    await append(...range(1, 5));
    const limits = { leaseMs: 200, renewEveryMs: 60, competeEveryMs: 10 };
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) };
    const first = relay({
      producer: stalled,
      database: failing(renewLease, () => true),
      limits,
      holder: 'first',
      logger,
    });
    first.start();
    await until(() => release !== undefined, 'the first relay to publish');
    relay({ limits: { competeEveryMs: 10 }, holder: 'second' }).start(); // its lease is longer than any stall of this process
    await until(() => bench.log.records.length === 5);
    release?.();
    await until(() => stalled.records.length === 5);
    await until(() => warnings.some((message) => message.includes('lost its lease')));
    await append(6);
    await until(() => bench.log.records.length === 6);

    expect(bench.log.numbers).toEqual(range(1, 6));
    expect(stalled.numbers).toEqual(range(1, 5));
    await until(async () => (await first.status()).failure === undefined);
    expect(await first.status()).toMatchObject({ publishing: false, holder: 'second' });
  });

  it('sends nothing more after it lost its lease while the log was unavailable', async () => {
    await append(...range(1, 3));
    const log = new MemoryLog();
    let away = true;
    log.before = async () => {
      if (away) throw new Error('the log is unavailable');
    };
    let asked = 0;
    const { sql } = bench.database;
    const database: SqlDatabase = {
      transaction: (work) => sql.transaction(work),
      query: (text, values) => {
        if (text === takeLease) asked += 1;
        return sql.query(text, values);
      },
    };
    const limits = { renewEveryMs: 20, competeEveryMs: 10, retryDelayMsMin: 5, retryDelayMsMax: 5 };
    const stale = relay({ producer: log, database, holder: 'stale', limits });
    stale.start();
    await until(async () => (await stale.status()).failure !== undefined);
    await sql.query(
      "UPDATE relay_cursor SET holder = 'other', epoch = epoch + 1, lease_until = clock_timestamp() + interval '1 hour'",
    );
    await until(async () => !(await stale.status()).publishing);
    away = false;
    const before = asked;
    await until(() => asked > before + 1); // it has given up its batch

    expect(log.numbers).toEqual([]);
  });

  it('reports no failure and stands by once the database answers again', async () => {
    let broken = true;
    const limits = { competeEveryMs: 5, retryDelayMsMin: 1, retryDelayMsMax: 5 };
    const messages: string[] = [];
    const logger = { ...silentLogger, info: (_: object, message: string) => void messages.push(message) };
    const first = relay();
    first.start();
    await until(async () => (await first.status()).publishing);
    const second = relay({ database: failing(takeLease, () => broken), limits, logger });
    second.start();
    await until(async () => (await second.status()).failure !== undefined);
    broken = false;
    await until(async () => (await second.status()).failure === undefined);

    expect(await second.status()).toMatchObject({ publishing: false });
    expect(messages).toEqual([
      expect.stringMatching(
        /^another relay publishes, and this one stands by after [\d.]+ s and \d+ failed attempts?$/,
      ),
    ]);
  });

  it('resumes at once under its name if it was killed before its cursor moved, with duplicates but with first occurrences in order', async () => {
    await append(...range(1, 10));
    const killed = relay({
      database: failing(advanceCursor, () => true),
      holder: 'order-1',
      limits: { leaseMs: hours(1), retryDelayMsMin: hours(1), retryDelayMsMax: hours(1) },
    });
    killed.start();
    await until(() => bench.log.records.length === 10);
    await append(...range(11, 15));
    const successor = relay({ holder: 'order-1' });
    successor.start();
    await until(() => bench.log.records.length === 25);

    expect(bench.log.numbers).toEqual([...range(1, 10), ...range(1, 15)]);
    expect(await successor.status()).toMatchObject({
      publishing: true,
      holder: 'order-1',
      position: expect.any(BigInt),
    });
  });

  it('stops with an error when another process runs under its name, and leaves the lease to that process', async () => {
    const errors: string[] = [];
    const logger = { ...silentLogger, error: (_: object, message: string) => void errors.push(message) };
    const limits = { leaseMs: 20_000, renewEveryMs: 30, competeEveryMs: 10, retryDelayMsMin: 5 };
    const older = relay({ holder: 'order-1', limits, logger });
    older.start();
    await until(async () => (await older.status()).publishing);
    const younger = relay({ holder: 'order-1', limits });
    younger.start();
    await until(async () => (await older.status()).failure?.message.includes('has stopped') === true);

    expect(await older.status()).toMatchObject({ publishing: false, failure: { code: 'holder_taken' } });
    expect(errors).toEqual([expect.stringContaining('as holder "order-1"')]);
    const { epoch } = await younger.status();
    await append(...range(1, 5));
    await until(() => bench.log.records.length === 5);
    expect(await younger.status()).toMatchObject({ publishing: true, epoch });
  });

  it('takes its lease again if the answer to taking it was lost', async () => {
    let lost = 0;
    let broken = false;
    const limits = {
      leaseMs: 20_000,
      renewEveryMs: 30,
      competeEveryMs: 10,
      retryDelayMsMin: 1,
      retryDelayMsMax: 5,
    };
    const forgetful: SqlDatabase = {
      transaction: (work) => bench.database.sql.transaction(work),
      query: async (text, values) => {
        const answer = await bench.database.sql.query(text, values);
        if (text === takeLease && broken && lost++ === 0) throw new Error('connection lost');
        return text === renewLease && broken && lost === 0 ? { rows: [], rowCount: 0 } : (answer as never);
      },
    };
    const alone = relay({ holder: 'order-1', database: forgetful, limits });
    alone.start();
    await until(async () => (await alone.status()).publishing);
    broken = true;
    await until(() => lost > 3, 'the relay to ask for its own lease again');
    await bench.database.sql.query("UPDATE relay_cursor SET lease_until = '-infinity'");
    await append(1);
    await until(() => bench.log.records.length === 1);

    expect(await alone.status()).toMatchObject({ publishing: true, holder: 'order-1' });
  });

  it('keeps its lease while the log is unavailable for longer than the lease', async () => {
    let away = true;
    bench.log.before = async () => {
      if (away) throw new Error('the broker is away');
    };
    await append(1);
    const clock = new ManualClock();
    const lease = { leaseMs: seconds(60), renewEveryMs: seconds(15), competeEveryMs: milliseconds(10) };
    let renewals = 0;
    const database: SqlDatabase = {
      transaction: (work) => bench.database.sql.transaction(work),
      async query(text, values) {
        const answer = await bench.database.sql.query(text, values);
        if (text === renewLease) renewals += 1;
        return answer as never;
      },
    };
    const first = relay({ limits: lease, holder: 'first', clock, database });
    first.start();
    await until(async () => (await first.status()).publishing);
    const { epoch } = await first.status();
    const second = relay({ limits: lease, holder: 'second' });
    second.start();
    for (let renewal = 1; renewal <= 9; renewal += 1) {
      await clock.advance(lease.renewEveryMs);
      await until(() => renewals === renewal);
      await setImmediate(); // lets the relay set its next timer
    }

    expect(await first.status()).toMatchObject({ publishing: true, holder: 'first', epoch });
    expect((await second.status()).publishing).toBe(false);
    away = false;
    await clock.advance(relayLimits.retryDelayMsMax);
    await until(() => bench.log.records.length === 1);
  });
});
