import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { readEvents } from '@millrace/testing/events';
import { openTestStreamApp, runServiceProcess, until, type TestStreamApp } from '@millrace/testing/service';
import { settings } from './config.ts';
import { logTopic, type ShownLine } from './log-line.ts';
import { indexGroup } from './indexer/indexer.ts';
import { logsModule, migrations } from './logs.module.ts';
import { recordsOf } from './shipper/shipper.ts';

let database: TestDatabase;
let folder: string;
let app: TestStreamApp;
const env: Record<string, string> = {};

beforeEach(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  await migrate(database.sql, migrations);
  Object.assign(env, { LOGS_DATABASE_URL: database.url, LOGS_FOLDER: folder });
  app = await openTestStreamApp({ name: 'logs', settings, module: logsModule, env });
  await app.admin.topics.create([{ name: logTopic, partitions: 3 }]);
});
afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** A killed process is started again, joins its group, and writes: much work for a busy machine. */
const waitMsMax = 90_000;

const lineOf = (fields: object) => JSON.stringify({ level: 'info', service: 'order', ...fields });

const send = (lines: readonly string[], source = 'order') =>
  app.producer.send(
    recordsOf(
      lines.map((line) => Buffer.from(line)),
      source,
    ),
  );

/** The number of lines, and the sum of a hash of each, so that one too many and one too few do not cancel out. */
const summaryOf = (lines: readonly string[]) => ({
  count: lines.length,
  checksum: lines
    .reduce((sum, line) => sum + BigInt(`0x${createHash('md5').update(line).digest('hex').slice(0, 12)}`), 0n)
    .toString(),
});

async function indexed() {
  const { rows } = await database.sql.query<{ count: number; checksum: string }>(
    `SELECT count(*)::int AS count, coalesce(sum(('x' || substr(md5(line), 1, 12))::bit(48)::bigint), 0)::text AS checksum
     FROM log_line`,
  );
  return rows[0]!;
}

interface Answer {
  readonly items: readonly ShownLine[];
  readonly nextCursor: string | null;
}

const search = async (url: string, query: string): Promise<Answer> =>
  (await (await fetch(`${url}/logs?${query}`)).json()) as Answer;

describe('the logs app', () => {
  it('T32 G31 has each line once after it was killed in the middle, and finds a planted one by level and text', async () => {
    const planted = lineOf({ level: 'error', msg: 'the needle broke', orderId: 'o-1' });
    const lines = Array.from({ length: 20_000 }, (_, index) => lineOf({ msg: `line ${index} of the hay` }));
    const all = [...lines.slice(0, 12_345), planted, ...lines.slice(12_345)];
    await send(all);
    const start = () =>
      runServiceProcess(import.meta.dirname, {
        ...env,
        LOGS_PORT: '0',
        LOGS_INSTANCE: 'logs-1',
        LOGS_FOLDER: '',
        LOGS_STATE_DIR: folder,
        KAFKA_BOOTSTRAP_SERVERS: app.bootstrapServers,
        SINK_LINES_PER_SECOND_MAX: '8000',
      });
    for (const lines of [2_000, 8_000]) {
      const killed = start();
      await killed.ready;
      await until(indexed, ({ count }) => count >= lines, waitMsMax);
      killed.kill('SIGKILL');
      await killed.ended;
      expect((await indexed()).count).toBeLessThan(all.length);
    }
    const service = start();
    try {
      const { url } = await service.ready;
      await until(indexed, ({ count }) => count >= all.length, waitMsMax);
      expect(await indexed()).toEqual(summaryOf(all));
      const { items } = await search(url, 'level=error&q=needle');
      expect(items.map(({ line, orderId }) => ({ line, orderId }))).toEqual([
        { line: planted, orderId: 'o-1' },
      ]);
    } finally {
      service.kill('SIGTERM');
      await service.ended;
    }
  });

  it('T33 acknowledges lines at once while its sink is held, and has them all in the end', async () => {
    env['SINK_LINES_PER_SECOND_MAX'] = '1000';
    const { stop } = await app.start();
    try {
      const lines = Array.from({ length: 3_000 }, (_, index) => lineOf({ msg: `line ${index}` }));
      await send(lines);
      expect((await indexed()).count).toBeLessThan(2_000);
      await until(
        () => app.admin.groups.offsets(indexGroup),
        (offsets) => offsets.reduce((sum, { offset }) => sum + offset, 0n) === 3_000n,
      );
      expect(await indexed()).toEqual(summaryOf(lines));
    } finally {
      await stop();
    }
  });

  it('T34 ships the files of its folder, and never its own, which would grow for ever', async () => {
    const own = join(folder, 'logs.log');
    const others = ['one', 'two', 'three'].map((msg) => lineOf({ msg, service: 'payment' }));
    writeFileSync(own, '{"msg":"listening"}\n');
    writeFileSync(
      join(folder, 'payment.log'),
      others
        .slice(0, 2)
        .map((line) => `${line}\n`)
        .join(''),
    );
    writeFileSync(join(folder, 'postgres.log'), 'LOG:  checkpoint starting\n');
    const first = await app.start();
    try {
      await until(indexed, ({ count }) => count >= 3);
    } finally {
      await first.stop();
    }
    appendFileSync(own, '{"msg":"lines were shipped"}\n');
    appendFileSync(join(folder, 'payment.log'), `${others[2]}\n`);
    const second = await app.start();
    try {
      await until(indexed, ({ count }) => count >= 4);
      const { items } = await search(second.url, '');
      expect(items.map(({ service, message }) => `${service} ${message}`).toSorted()).toEqual([
        'payment one',
        'payment three',
        'payment two',
        'postgres LOG:  checkpoint starting',
      ]);
    } finally {
      await second.stop();
    }
  });

  it('answers a search by each filter, page by page, and rejects a wrong one', async () => {
    const at = (second: number) => `2026-01-02T03:04:0${second}.000Z`;
    const lines = [
      { time: at(1), level: 'info', service: 'order', orderId: 'o-1', msg: 'an order was placed' },
      { time: at(2), level: 'warn', service: 'payment', orderId: 'o-1', msg: 'the card was declined' },
      { time: at(3), level: 'info', service: 'order', orderId: 'o-2', msg: 'an order was cancelled' },
      {
        time: at(3),
        level: 'error',
        service: 'order',
        msg: 'a message failed',
        err: { message: 'no such card' },
      },
    ];
    const { url, stop } = await app.start();
    try {
      await send(lines.map((line) => JSON.stringify(line)));
      await until(indexed, ({ count }) => count === lines.length);
      const found = async (query: string) => (await search(url, query)).items.map(({ message }) => message);

      expect(await found('orderId=o-1')).toEqual(['the card was declined', 'an order was placed']);
      expect(await found('service=order&level=info&q=order')).toEqual([
        'an order was cancelled',
        'an order was placed',
      ]);
      expect(await found('q=card')).toEqual(['a message failed: no such card', 'the card was declined']);
      expect(await found('q="was placed"')).toEqual(['an order was placed']);
      expect(await found(`from=${at(1)}&to=${at(3)}`)).toEqual([
        'the card was declined',
        'an order was placed',
      ]);

      const pages: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { items, nextCursor } = await search(url, `limit=1${cursor && `&after=${cursor}`}`);
        pages.push(...items.map(({ id }) => id));
        cursor = nextCursor;
      }
      expect(pages).toHaveLength(lines.length);
      expect(new Set(pages).size).toBe(lines.length);

      const wrong = ['level=loud', 'q=', 'limit=0', 'limit=201', 'from=today', 'after=1', 'sort=asc'];
      for (const query of wrong)
        expect({ query, ...(await search(url, query)) }).toMatchObject({ query, code: 'invalid_request' });
      const live = await fetch(`${url}/logs/live?level=loud`);
      expect(await live.json()).toMatchObject({ code: 'invalid_request' });
    } finally {
      await stop();
    }
  });

  it('says that a search took too long, and answers the next one', async () => {
    const { url, stop } = await app.start();
    const blocked = await database.sql.transaction(async (transaction) => {
      await transaction.query('LOCK TABLE log_line IN ACCESS EXCLUSIVE MODE');
      return search(url, '');
    });
    try {
      expect(blocked).toMatchObject({ code: 'search_too_slow', status: 503 });
      expect(await search(url, '')).toEqual({ items: [], nextCursor: null });
    } finally {
      await stop();
    }
  });

  it('sends the lines that arrive, by the same filters', async () => {
    const { url, stop } = await app.start();
    try {
      const live = await readEvents(`${url}/logs/live?level=error&q=card`);
      const sent = (event: string) =>
        until(
          () => live.events.find((each) => each.event === event),
          (found) => found !== undefined,
        );
      await sent('snapshot');
      await send([
        lineOf({ level: 'info', msg: 'the card is valid' }),
        lineOf({ level: 'error', msg: 'The Card was declined' }),
      ]);
      expect(JSON.stringify((await sent('change'))?.data)).toContain('The Card was declined');
      expect(JSON.stringify(live.events)).not.toContain('the card is valid');
      await live.close();
    } finally {
      await stop();
    }
  });
});
