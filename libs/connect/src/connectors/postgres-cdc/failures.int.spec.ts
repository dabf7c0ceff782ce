import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@millrace/streaming-core/runtime';
import { startPostgresServer } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';
import { CaptureWorld, type StoredOffset } from './capture.fixture.ts';
import { postgresConnector } from './postgres-connector.ts';

const numbers = 'CREATE TABLE numbers (id integer PRIMARY KEY)';

describe('a capture that cannot continue', () => {
  let world: CaptureWorld;
  afterEach(() => world.close(), 60_000);

  const message = async (more: Record<string, string> = {}, stored: StoredOffset = {}) =>
    (await (await world.run(more, stored)).failed).message;

  /** Runs a task that captures one row, stops it, and returns its offset. */
  const ranBefore = async (): Promise<StoredOffset> => {
    const stored: StoredOffset = {};
    const run = await world.run({}, stored);
    await run.streaming();
    await world.sql('INSERT INTO numbers VALUES (1)');
    await run.until(1);
    await run.stop();
    return stored;
  };
  /** The database may still end the connection of a task that has stopped. */
  const dropSlot = () =>
    until(
      () =>
        world.sql(
          `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
            WHERE slot_name = '${world.slot}' AND NOT active`,
        ),
      ({ length }) => length === 1,
    );

  it('U03 refuses a slot that is gone, as after a restore, and takes no new snapshot by itself', async () => {
    world = await CaptureWorld.open(numbers);
    const stored = await ranBefore();
    await dropSlot();

    expect(await message({}, stored)).toMatch(
      /slot "slot_\w+" does not exist, and the connector has read up to .*A restored backup has no slots.*take a new snapshot/s,
    );
    expect(
      await world.sql(`SELECT slot_name FROM pg_replication_slots WHERE slot_name = '${world.slot}'`),
    ).toEqual([]);
  }, 90_000);

  it('U03 refuses a slot that was created again, and a database that is older than the offset', async () => {
    world = await CaptureWorld.open(numbers);
    const stored = await ranBefore();
    await dropSlot();
    await world.sql('INSERT INTO numbers VALUES (2)');
    await world.sql(`SELECT pg_create_logical_replication_slot('${world.slot}', 'pgoutput')`);

    expect(await message({}, stored)).toMatch(
      /somebody has created the slot again, or another program has read it/,
    );
    expect(await message({}, { offset: { lsn: 'FFFF/0', events: 0 } })).toMatch(
      /an older copy of the database was restored/,
    );
  }, 90_000);

  it('refuses a slot that it has not created, unless it begins without a snapshot', async () => {
    world = await CaptureWorld.open(numbers);
    await world.sql(`SELECT pg_create_logical_replication_slot('${world.slot}', 'pgoutput')`);

    expect(await message()).toMatch(/exists, but the connector has no offset.*snapshot.mode to no_data/);

    await world.sql('CREATE PUBLICATION unrelated FOR TABLE numbers');
    const run = await world.run({ 'snapshot.mode': 'no_data' });
    await run.streaming();
  }, 90_000);

  it('leaves it to the relay of an outbox to create its slot, which would lose rows at another time', async () => {
    world = await CaptureWorld.open(numbers);
    const slot = { 'slot.name': 'millrace_outbox_1_x' };

    expect(await message({ ...slot, 'snapshot.mode': 'no_data' })).toMatch(/only the relay of the outbox/);
    expect(await message(slot)).toMatch(/only the relay of the outbox/);
    expect(
      await world.sql(`SELECT slot_name FROM pg_replication_slots WHERE slot_name = 'millrace_outbox_1_x'`),
    ).toEqual([]);
  }, 90_000);

  it('U03 fails once the publication is dropped, instead of missing changes', async () => {
    world = await CaptureWorld.open(numbers);
    const stored: StoredOffset = {};
    const run = await world.run({}, stored);
    await run.streaming();
    await world.sql(`DROP PUBLICATION ${world.slot}`);
    await world.sql('INSERT INTO numbers VALUES (1)');

    expect((await run.failed).message).toMatch(/publication .*(was dropped|does not exist)/);
    expect(run.records).toEqual([]);
    await run.stop();
    expect(await message({}, stored)).toMatch(
      /was dropped, and changes since then are not captured. CREATE PUBLICATION/,
    );
  }, 90_000);

  it('U03 waits for a slot whose connection is gone, and then names the program that holds it', async () => {
    world = await CaptureWorld.open(numbers);
    const stored: StoredOffset = {};
    await (await world.run({}, stored)).streaming();
    let skewMs = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + (skewMs += 20_000) };

    const run = await world.run({}, stored, clock);

    expect((await run.failed).message).toMatch(/is in use by "millrace-cdc:test" from 127.0.0.1 \(pid \d+\)/);
  }, 90_000);

  it('U03 U05 refuses tables without a key, and internal tables that only a pattern names', async () => {
    world = await CaptureWorld.open('CREATE TABLE keyless (id integer)');
    expect(await message()).toMatch(
      /table public.keyless has no primary key.*message.key.columns.*table.exclude.list/,
    );

    await world.sql('DROP TABLE keyless');
    await world.sql('CREATE TABLE store_incarnation (id integer PRIMARY KEY)');
    await world.sql('CREATE TABLE outbox (id integer PRIMARY KEY)');
    expect(await message()).toMatch(/internal ones \(public.outbox, public.store_incarnation\)/);

    const run = await world.run({ 'table.include.list': 'public.outbox' });
    await run.streaming();
    expect(
      await world.sql(`SELECT tablename FROM pg_publication_tables WHERE pubname = '${world.slot}'`),
    ).toEqual([{ tablename: 'outbox' }]);
  }, 90_000);

  it('names the column whose value the settings cannot express', async () => {
    world = await CaptureWorld.open('CREATE TABLE prices (id integer PRIMARY KEY, price numeric(10, 2))');
    await world.sql(`INSERT INTO prices VALUES (1, 'NaN')`);

    expect(await message()).toMatch(
      /public.prices.price: .*"NaN".*decimal.handling.mode to string or double/,
    );
  }, 90_000);

  it('is refused for wrong settings before it is created', async () => {
    world = await CaptureWorld.open(numbers, 'CREATE TABLE keyless (id integer)');
    const check = (more: Record<string, string>) =>
      postgresConnector().check!(world.config(more), new AbortController().signal);

    expect(await check({ 'table.include.list': 'public.numbers' })).toEqual([]);
    expect(await check({})).toMatchObject([{ setting: 'table.include.list' }]);
    expect(await check({ 'table.include.list': 'public.absent' })).toMatchObject([
      { setting: 'table.include.list', message: expect.stringContaining('names no table') },
    ]);
    expect(await check({ 'database.password': 'wrong' })).toMatchObject([
      {
        setting: 'database.hostname',
        message: expect.stringContaining('correct database.user and database.password'),
      },
    ]);
    await world.sql("CREATE ROLE reader_of_tests LOGIN PASSWORD 'reader'").catch(() => undefined);
    expect(await check({ 'database.user': 'reader_of_tests', 'database.password': 'reader' })).toMatchObject([
      {
        setting: 'database.user',
        message: expect.stringContaining('ALTER ROLE "reader_of_tests" REPLICATION'),
      },
    ]);
    await expect(check({ 'database.port': '1' })).rejects.toThrow('the database does not answer');
  }, 90_000);
});

describe('the capture of a slot for which the database would keep too much log', () => {
  it('U03 says with the remedy that the slot is lost', async () => {
    const server = await startPostgresServer({
      settings: { max_slot_wal_keep_size: '1MB', max_wal_size: '32MB' },
    });
    const world = await CaptureWorld.openOn(server.url, numbers);
    try {
      const stored: StoredOffset = {};
      const run = await world.run({}, stored);
      await run.streaming();
      await run.stop();
      for (let segment = 1; segment <= 6; segment += 1) {
        await world.sql(`INSERT INTO numbers VALUES (${segment})`);
        await world.sql('SELECT pg_switch_wal()');
      }
      await world.sql('CHECKPOINT');

      const { message } = await (await world.run({}, stored)).failed;

      expect(message).toMatch(
        /is lost \(wal_removed\).*Raise max_slot_wal_keep_size, and take a new snapshot/s,
      );
    } finally {
      await world.stopAll();
      await world.closePool();
      await server.stop();
    }
  }, 120_000);
});
