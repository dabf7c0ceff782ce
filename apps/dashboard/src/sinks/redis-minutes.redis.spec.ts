import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '@millrace/streaming-core/postgres';
import { minutes, systemClock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { startRedis, type TestRedis } from '@millrace/testing/redis';
import { openTestStreamApp, until, type TestStreamApp } from '@millrace/testing/service';
import { createClient } from 'redis';
import { settings } from '../config.ts';
import { dashboardModule, migrations } from '../dashboard.module.ts';
import { topics } from '../topology.ts';
import { guidesDay, guidesViews, viewed } from '../views.fixture.ts';
import { redisSinkGroup } from './redis-minutes.ts';

let redis: TestRedis;
let database: TestDatabase;
let app: TestStreamApp;
beforeAll(async () => {
  redis = await startRedis();
  database = await createTestDatabase();
  await migrate(database.sql, migrations);
  const env = { DASHBOARD_DATABASE_URL: database.url, REDIS_URL: redis.url };
  app = await openTestStreamApp({ name: 'dashboard', settings, module: dashboardModule, env });
  await app.admin.topics.create(
    Object.values(topics).map((name) => ({ name, partitions: name === topics.views ? 1 : 2 })),
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await database.drop();
  await redis.stop();
});

const firstMinute = systemClock.now() - (systemClock.now() % minutes(1)) - minutes(5);
const send = (...views: readonly string[]) =>
  app.producer.send(
    views.map((text) => ({
      topic: topics.views,
      key: null,
      value: JSON.stringify(viewed(text, firstMinute - guidesDay)),
    })),
  );

type Figures = Readonly<Record<'page_views' | 'unique_visitors' | 'closed' | 'late_views', string | number>>;

const textOf = (key: string, { page_views, unique_visitors, closed, late_views }: Figures) =>
  `${key} ${page_views} views ${unique_visitors} visitors ${late_views} late ${closed === 1 ? 'closed' : 'open'}`;

async function rowsInPostgres(): Promise<readonly string[]> {
  const { rows } = await database.sql.query<Figures & { window_start: Date; page_url: string }>(
    'SELECT *, (NOT open)::int AS closed FROM page_view_minute',
  );
  return rows
    .map((row) => textOf(`page-views:${row.window_start.toISOString()}:${row.page_url}`, row))
    .sort();
}

async function rowsInRedis(): Promise<readonly string[]> {
  const client = createClient({ url: redis.url });
  await client.connect();
  try {
    const keys = await client.keys('page-views:*');
    const rows = keys.map(async (key) => {
      const { page_views = 0, unique_visitors = 0, closed = 0, late_views = 0 } = await client.hGetAll(key);
      expect(await client.ttl(key)).toBeGreaterThan(86_000);
      return textOf(key, { page_views, unique_visitors, closed: Number(closed), late_views });
    });
    return (await Promise.all(rows)).sort();
  } finally {
    client.destroy();
  }
}

/** Waits until both have the same rows, one of which ends like this. */
const bothHave = (row: string) =>
  until(
    () => Promise.all([rowsInPostgres(), rowsInRedis()]),
    ([wanted, found]) => wanted.some((each) => each.endsWith(row)) && isDeepStrictEqual(found, wanted),
  );

describe('T38 G29 the figures in Redis', () => {
  it('equal those in PostgreSQL, also after Redis is killed and after the sink starts over', async () => {
    const first = await app.start();
    try {
      await send(...guidesViews);
      await bothHave('/home 3 views 2 visitors 0 late open');

      const bringBack = await redis.kill();
      await send('10:01:10 /home u9', '10:00:30 /home u3');
      const closed = '/home 3 views 2 visitors 1 late closed';
      await until(rowsInPostgres, (rows) => rows.some((row) => row.endsWith(closed)));
      await bringBack();
      await bothHave(closed);
    } finally {
      await first.stop();
    }

    const offsets = await app.admin.groups.offsets(redisSinkGroup);
    await app.admin.groups.commitOffsets(
      redisSinkGroup,
      offsets.map((each) => ({ ...each, offset: 0n })),
    );
    const before = await rowsInRedis();
    const second = await app.start();
    try {
      await until(
        () => app.admin.groups.offsets(redisSinkGroup),
        (reached) => reached.every(({ offset }, index) => offset >= (offsets[index]?.offset ?? 0n)),
      );
      expect(await rowsInRedis()).toEqual(before);
    } finally {
      await second.stop();
    }
  });
});
