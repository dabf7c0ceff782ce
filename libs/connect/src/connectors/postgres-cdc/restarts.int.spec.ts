import { afterEach, describe, expect, it } from '@jest/globals';
import { startPostgresServer } from '@millrace/testing/postgres';
import { seed, seededRandom } from '@millrace/testing/random';
import { until } from '@millrace/testing/within';
import { CaptureWorld, type StoredOffset } from './capture.fixture.ts';
import { parseLsn } from './lsn.ts';
import { snapshotOffset } from './position.ts';
import { postgresConnector } from './postgres-connector.ts';

const numbers = 'CREATE TABLE numbers (id integer PRIMARY KEY, text text)';

describe('a capture that is stopped and started again', () => {
  let world: CaptureWorld;
  afterEach(() => world.close(), 60_000);

  const ids = (records: readonly { readonly key: unknown }[]) =>
    records.map(({ key }) => (key as { id: number }).id);
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const confirmed = async () =>
    parseLsn(
      (
        await world.sql<{ lsn: string }>(
          `SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = '${world.slot}'`,
        )
      )[0]!.lsn,
    );

  it('U01 resumes in the middle of a large transaction, whose records come in bounded polls', async () => {
    world = await CaptureWorld.open(numbers);
    const stored: StoredOffset = {};
    const first = await world.run({}, stored);
    await first.streaming();
    await world.sql(`INSERT INTO numbers SELECT n, repeat('x', 100) FROM generate_series(1, 25000) AS n`);
    const seen: number[] = [];
    let run = first;
    while (seen.length < 25_000) {
      const count = Math.min(25_000 - seen.length, 4_000);
      await run.until(count);
      await run.stop();
      seen.push(...ids(run.captured()));
      run = await world.run({}, stored);
    }

    await world.sql(`INSERT INTO numbers VALUES (25001)`);
    await run.until(1);

    expect(run.largestPoll).toBeLessThanOrEqual(10_000);
    expect([...seen, ...ids(run.captured())]).toEqual(upTo(25_001));
  }, 120_000);

  it('U01 U02 loses and repeats nothing, and acknowledges only changes that are on the log', async () => {
    world = await CaptureWorld.open(numbers);
    const random = seededRandom(seed);
    const stored: StoredOffset = {};
    await (await world.run({ 'heartbeat.interval.ms': '5' }, stored)).streaming();
    await world.stopAll();
    const seen: number[] = [];
    let next = 1;
    for (let round = 0; round < 12; round += 1) {
      const run = await world.run({ 'heartbeat.interval.ms': '5' }, stored);
      for (let transaction = 0; transaction < 5; transaction += 1) {
        const size = 1 + Math.floor(random() * 40);
        await world.sql(
          `INSERT INTO numbers SELECT n FROM generate_series(${next}, ${next + size - 1}) AS n`,
        );
        next += size;
      }
      // The task has read some of the changes before it ends, all of them or none.
      await run.until(Math.floor(random() * (next - 1 - seen.length)));
      await run.stop();
      seen.push(...ids(run.captured()));
      expect(await confirmed()).toBeLessThanOrEqual(stored.offset!['lsn'] as bigint);
    }
    const last = await world.run({}, stored);
    await last.until(next - 1 - seen.length);

    expect([...seen, ...ids(last.captured())]).toEqual(upTo(next - 1));
  }, 120_000);

  it('reads all rows again after a crash in the snapshot, and nothing twice in the stream after it', async () => {
    world = await CaptureWorld.open(
      numbers,
      `INSERT INTO numbers SELECT n FROM generate_series(1, 3000) AS n`,
    );
    const stored: StoredOffset = {};
    const first = await world.run({}, stored);
    await first.until(500);
    await first.stop();
    expect(stored.offset).toEqual(snapshotOffset);
    await world.sql(`INSERT INTO numbers VALUES (3001)`);

    const second = await world.run({}, stored);
    await second.streaming();
    await world.sql(`INSERT INTO numbers VALUES (3002)`);

    const captured = await second.until(3_002);
    expect(ids(captured)).toEqual(upTo(3_002));
    expect(captured.at(-2)).toMatchObject({ op: 'r', snapshot: 'last' });
    expect(captured.at(-1)).toMatchObject({ op: 'c' });
  }, 90_000);

  it('waits until the database has ended the connection of its predecessor', async () => {
    world = await CaptureWorld.open(numbers);
    const stored: StoredOffset = {};
    const first = await world.run({}, stored);
    await first.streaming();
    const second = await world.run({}, stored);
    await until(
      () =>
        world.sql<{ count: string }>(
          `SELECT count(*)::text AS count FROM pg_stat_activity
            WHERE application_name = 'millrace-cdc:test' AND state = 'idle'`,
        ),
      ([row]) => Number(row!.count) >= 1,
    );
    await first.stop();
    await world.sql(`INSERT INTO numbers VALUES (1)`);

    expect(ids(await second.until(1))).toEqual([1]);
  }, 90_000);

  it('U06 lets the database delete its log while only other tables change, and says what an unread slot keeps', async () => {
    world = await CaptureWorld.open(numbers, 'CREATE TABLE other (id integer)');
    const run = await world.run({ 'table.include.list': 'public.numbers', 'heartbeat.interval.ms': '50' });
    await run.streaming();
    const before = await confirmed();

    await world.sql(`INSERT INTO other SELECT n FROM generate_series(1, 1000) AS n`);

    await until(confirmed, (lsn) => lsn > before + 10_000n, 30_000);
    expect(run.records).toEqual([]);
    await run.stop();
    await world.sql(`INSERT INTO other SELECT n FROM generate_series(1, 1000) AS n`);
    expect(await postgresConnector().keptLogBytes?.(world.config())).toBeGreaterThan(10_000);
  }, 90_000);
});

describe('a capture whose database is killed or stopped', () => {
  it('U06 resumes when the database is back, and lets it stop without delay', async () => {
    const server = await startPostgresServer({ fsync: true });
    const world = await CaptureWorld.openOn(server.url, numbers);
    try {
      const run = await world.run();
      await run.streaming();
      await world.sql('INSERT INTO numbers VALUES (1)');
      await run.until(1);
      const restart = await server.kill();
      await restart();
      await until(
        () =>
          world.sql('INSERT INTO numbers VALUES (2)').then(
            () => true,
            () => false,
          ),
        (written) => written,
        30_000,
      );
      await run.until(2);
      expect(run.captured().map(({ key }) => key)).toEqual([{ id: 1 }, { id: 2 }]);
    } finally {
      const stoppedAt = performance.now();
      await world.closePool();
      await server.stop();
      expect(performance.now() - stoppedAt).toBeLessThan(20_000);
      await world.stopAll();
    }
  }, 120_000);
});
