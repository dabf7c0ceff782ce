import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '@millrace/streaming-core/postgres';
import { minutes, seconds, systemClock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { readEvents } from '@millrace/testing/events';
import { openTestStreamApp, until, type TestStreamApp } from '@millrace/testing/service';
import { settings } from './config.ts';
import { dashboardModule, migrations } from './dashboard.module.ts';
import type { PageView, ShownMinute, Staleness } from './domain/page-view.ts';
import { sinkGroup } from './sinks/postgres-minutes.ts';
import { topics } from './topology.ts';
import { guidesDay, guidesViews, viewed } from './views.fixture.ts';

let database: TestDatabase;
let app: TestStreamApp;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.sql, migrations);
  const env = { DASHBOARD_DATABASE_URL: database.url };
  app = await openTestStreamApp({ name: 'dashboard', settings, module: dashboardModule, env });
  await app.admin.topics.create(
    Object.values(topics).map((name) => ({ name, partitions: name === topics.views ? 1 : 2 })),
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await database.drop();
});

/** The minute of the guides' first view, as it is in this test: a few minutes ago. */
const firstMinute = systemClock.now() - (systemClock.now() % minutes(1)) - minutes(5);
const view = (text: string): PageView => viewed(text, firstMinute - guidesDay);

const send = (...views: ReadonlyArray<PageView | string>) =>
  app.producer.send(
    views.map((each) => ({
      topic: topics.views,
      key: null,
      value: typeof each === 'string' ? each : JSON.stringify(each),
    })),
  );

const textOf = ({ window_start, page_url, page_views, unique_visitors, open, late_views }: ShownMinute) =>
  `${(Date.parse(window_start) - firstMinute) / minutes(1)} ${page_url} ${page_views} ${unique_visitors}` +
  `${open ? ' open' : ''}${late_views > 0 ? ` ${late_views} late` : ''}`;

async function shownBy(url: string): Promise<readonly string[]> {
  const { items } = (await (await fetch(`${url}/page-views?minutes=10`)).json()) as {
    readonly items: readonly ShownMinute[];
  };
  return items.map(textOf);
}

const shows = (url: string, wanted: readonly string[]) =>
  until(
    () => shownBy(url),
    (shown) => JSON.stringify(shown) === JSON.stringify(wanted),
  );

/** The rows with the transactions that wrote them last. */
const written = async () =>
  (await database.sql.query('SELECT xmin::text, * FROM page_view_minute ORDER BY 2, 3')).rows;

/** Runs the SQL of the guides over the same views. */
async function batchOf(views: readonly PageView[]): Promise<readonly string[]> {
  const { rows } = await database.sql.query<Record<'page_url', string> & Record<string, unknown>>(
    `SELECT date_trunc('minute', event_time) AS window_start, page_url,
       count(*)::int AS page_views, count(DISTINCT user_id)::int AS unique_visitors
     FROM jsonb_to_recordset($1::jsonb) AS page_views (event_time timestamptz, page_url text, user_id text)
     GROUP BY 1, 2 ORDER BY 1 DESC, 3 DESC, 2`,
    [JSON.stringify(views)],
  );
  return rows.map((row) => textOf({ ...row, open: false, late_views: 0 } as unknown as ShownMinute));
}

const withoutState = (shown: readonly string[]) => shown.map((line) => line.replace(/ (open|\d+ late)/g, ''));

describe('the dashboard app', () => {
  it('T28 G29 shows the same as the SQL of the guides, after its state is lost and when its sink starts over', async () => {
    const views = guidesViews.map(view);
    const first = await app.start();
    try {
      await send(...views.slice(0, 2), '{"page_url":"/no-time"}', ...views.slice(2));
      const shown = await shows(first.url, ['1 /home 1 1 open', '0 /home 3 2 open', '0 /cart 1 1 open']);
      expect(withoutState(shown)).toEqual(await batchOf(views));
    } finally {
      await first.stop();
    }
    app.loseState();

    const later = view('10:01:10 /home u9');
    const second = await app.start();
    try {
      await send(later);
      await shows(second.url, ['1 /home 2 2 open', '0 /home 3 2', '0 /cart 1 1']);
      await send(view('10:00:30 /home u3'));
      const shown = await shows(second.url, ['1 /home 2 2 open', '0 /home 3 2 1 late', '0 /cart 1 1']);
      expect(withoutState(shown)).toEqual(await batchOf([...views, later]));
    } finally {
      await second.stop();
    }

    const rows = await written();
    const reached = await app.admin.groups.offsets(sinkGroup);
    await app.admin.groups.commitOffsets(
      sinkGroup,
      reached.map((each) => ({ ...each, offset: 0n })),
    );
    const third = await app.start();
    try {
      await until(
        () => app.admin.groups.offsets(sinkGroup),
        (offsets) =>
          reached.every(({ topic, partition, offset }) =>
            offsets.some(
              (each) => each.topic === topic && each.partition === partition && each.offset >= offset,
            ),
          ),
      );
      expect(await written()).toEqual(rows);
    } finally {
      await third.stop();
    }
  });

  it('sends a snapshot and then what has changed, and rejects a wrong number of minutes', async () => {
    const { url, stop } = await app.start();
    try {
      expect(await (await fetch(`${url}/page-views?minutes=0`)).json()).toMatchObject({
        code: 'invalid_request',
      });
      const live = await readEvents(`${url}/page-views/live`);
      const sent = (event: string, text: string) =>
        until(
          () => live.events.find((each) => each.event === event && JSON.stringify(each.data).includes(text)),
          (found) => found !== undefined,
        );
      await sent('snapshot', '"page_url":"/home"');
      await send(view('10:02:00 /about u1'));
      expect((await sent('change', '"/about"'))?.data).toMatchObject({ gone: [] });
      await live.close();
    } finally {
      await stop();
    }
  });

  it('T36 says since when its figures are old while nothing counts views', async () => {
    const reader = await app.start({ ROLES: 'api' });
    const staleOf = async () =>
      ((await (await fetch(`${reader.url}/page-views`)).json()) as { readonly stale: Staleness | null })
        .stale;
    try {
      expect(await staleOf()).toBeNull();
      await send(view('10:03:00 /about u2'));
      const stale = await until(staleOf, (found) => found !== null);
      expect(stale).toEqual({ reason: 'views wait to be counted', since: expect.any(String) });
      expect(systemClock.now() - Date.parse(stale!.since)).toBeGreaterThan(seconds(5));
      expect(await (await fetch(`${reader.url}/readyz`)).json()).toMatchObject({ status: 'degraded' });

      const worker = await app.start();
      await until(staleOf, (found) => found === null);
      await worker.stop();
    } finally {
      await reader.stop();
    }
  });
});
