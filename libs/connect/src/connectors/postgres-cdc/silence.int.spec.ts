import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { openSuite, type Suite } from '../../open-suite.fixture.ts';
import { pluginTable } from '../../settings/plugin-table.ts';
import type { TestWorker } from '../../worker.fixture.ts';
import { CaptureWorld } from './capture.fixture.ts';
import { parseLsn } from './lsn.ts';
import { postgresConnector } from './postgres-connector.ts';

let suite: Suite;
let world: CaptureWorld;
beforeEach(async () => {
  suite = await openSuite();
  world = await CaptureWorld.open(
    'CREATE TABLE numbers (id integer PRIMARY KEY)',
    'CREATE TABLE other (id integer)',
  );
}, 120_000);
afterEach(async () => {
  await world?.close();
  await suite?.close();
}, 60_000);

interface Slot extends Record<string, unknown> {
  readonly active: boolean;
  readonly confirmed: string;
  readonly restart: string;
}

/** The position that the slot has confirmed, and the oldest WAL that it keeps. */
async function slot() {
  const [found] = await world.sql<Slot>(
    `SELECT active, confirmed_flush_lsn::text AS confirmed, restart_lsn::text AS restart
     FROM pg_replication_slots WHERE slot_name = '${world.slot}'`,
  );
  return {
    active: found!.active,
    confirmed: parseLsn(found!.confirmed),
    restart: parseLsn(found!.restart),
  };
}

async function storedLsn(worker: TestWorker): Promise<bigint> {
  const { body } = await worker.request('GET', '/connectors/silent/offsets');
  return BigInt(body.offsets[0].offset.lsn);
}

it('U02 U06 a source without a change for a while advances its offset and lets the database delete WAL', async () => {
  const plugins = pluginTable({ connectors: [postgresConnector()] });
  const worker = await suite.worker({ plugins });
  const url = new URL(world.database.url);
  await worker.run('silent', {
    'connector.class': postgresConnector().class,
    'database.hostname': url.hostname,
    'database.port': url.port,
    'database.user': url.username,
    'database.password': url.password,
    'database.dbname': world.database.name,
    'topic.prefix': 'shop',
    'table.include.list': 'public.numbers',
    'slot.name': world.slot,
    'publication.name': world.slot,
    'heartbeat.interval.ms': '100',
  });
  await until(
    () => worker.request('GET', '/connectors/silent/offsets'),
    ({ body }) => body.offsets.length > 0 && body.offsets[0].offset.snapshot === undefined,
    60_000,
  );
  const began = await slot();

  for (let round = 0; round < 3; round += 1) {
    const before = await slot();
    await world.sql('INSERT INTO other SELECT n FROM generate_series(1, 1000) AS n');
    const after = await until(slot, ({ confirmed }) => confirmed > before.confirmed + 10_000n, 60_000);
    await until(
      () => storedLsn(worker),
      (stored) => stored >= after.confirmed,
      30_000,
    );
  }
  const heartbeats = await suite.records('__debezium-heartbeat.shop', 3);
  expect(JSON.parse(String(heartbeats.at(-1)?.value))).toMatchObject({ ts_ms: expect.any(Number) });
  // A checkpoint says which transactions run, after which the slot needs nothing from before.
  await until(
    async () => {
      await world.sql('CHECKPOINT');
      return (await slot()).restart;
    },
    (restart) => restart > began.confirmed,
    60_000,
  );

  await worker.stop();
  await until(slot, ({ active }) => !active, 30_000);
  await world.sql('INSERT INTO numbers VALUES (1)');
  await using second = await suite.worker({ plugins });
  await second.has('silent', 'RUNNING');
  await world.sql('INSERT INTO numbers VALUES (2)');
  const rows = await suite.records('shop.public.numbers', 2);
  expect(rows.map(({ key }) => JSON.parse(String(key)))).toEqual([{ id: 1 }, { id: 2 }]);
  await second.request('DELETE', '/connectors/silent');
}, 300_000);
