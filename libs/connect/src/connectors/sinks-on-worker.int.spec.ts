import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin } from '@millrace/streaming-core/client';
import { beforeExit, until } from '@millrace/testing/within';
import { openSuite, type Suite } from '../open-suite.fixture.ts';
import type { TestWorker } from '../worker.fixture.ts';
import { openSinkDatabase, type SinkDatabase } from './jdbc-sink/sink-database.fixture.ts';
import { sinkPlugins } from './sink-plugins.fixture.ts';

let suite: Suite;
let sinks: SinkDatabase;
let worker: TestWorker;
const children: ChildProcess[] = [];
const limitMs = 60_000;

beforeAll(async () => {
  suite = await openSuite();
  sinks = await openSinkDatabase();
  worker = await suite.worker({ plugins: sinkPlugins, flushIntervalMs: 100 });
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await worker?.stop();
  await sinks?.close();
  await suite?.close();
});

/** The configuration of G41 in the guides, with the address of this test's database. */
const guidesSink = () => {
  const {
    'connection.url': url,
    'connection.user': user,
    'connection.password': password,
  } = sinks.connection;
  return {
    'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
    topics: 'user-events',
    'connection.url': url!,
    'connection.user': user!,
    'connection.password': password!,
    'auto.create': 'true',
    'insert.mode': 'upsert',
    'pk.mode': 'record_key',
  };
};

const rowsWhen = (table: string, wanted: (rows: readonly unknown[]) => boolean) =>
  until(() => sinks.rowsOf(`"${table}"`).catch(() => []), wanted, limitMs);
const events = (from: number, count: number, value: (n: number) => object = (n) => ({ n })) =>
  Array.from({ length: count }, (_, index) => JSON.stringify(value(from + index)));

describe("N60 G41 the guides' PostgreSQL sink", () => {
  it('keeps the newest event of each user, also after a replay, and answers pause, resume and status', async () => {
    await suite.send('user-events', events(0, 100), 3);
    await suite.send('user-events', events(100, 100), 3);
    await worker.run('postgres-sink', guidesSink());
    const newest = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, n: String(100 + index) }));
    const hasNewest = (rows: readonly unknown[]) =>
      rows.length === 100 && newest.every(({ n }) => rows.some((row) => (row as { n: string }).n === n));
    await rowsWhen('user-events', hasNewest);

    await worker.request('PUT', '/connectors/postgres-sink/pause');
    await worker.has('postgres-sink', 'PAUSED');
    await suite.send('user-events', events(200, 10), 3);
    expect(hasNewest(await sinks.rowsOf('"user-events"'))).toBe(true);
    await worker.request('PUT', '/connectors/postgres-sink/resume');
    const after = await rowsWhen('user-events', (rows) =>
      rows.some((row) => (row as { n: string }).n === '209'),
    );
    expect(after).toHaveLength(100);

    await worker.request('PUT', '/connectors/postgres-sink/stop');
    await worker.has('postgres-sink', 'STOPPED');
    const settled = await sinks.rowsOf('"user-events"');
    await sinks.database.pool.query(`UPDATE "user-events" SET n = -1 WHERE key = 'k7'`);
    await worker.request('DELETE', '/connectors/postgres-sink/offsets');
    await worker.request('PUT', '/connectors/postgres-sink/resume');
    expect(await rowsWhen('user-events', (rows) => JSON.stringify(rows) === JSON.stringify(settled))).toEqual(
      settled,
    );
  }, 120_000);

  it('is refused field by field if its settings contradict each other', async () => {
    const config = { ...guidesSink(), name: 'wrong', 'pk.mode': 'none', pk_mode: 'x' };
    const { body } = await worker.request(
      'PUT',
      '/connector-plugins/JdbcSinkConnector/config/validate',
      config,
    );
    const configs = body.configs as { value: { name: string; errors: string[] } }[];
    const wrong = configs.filter(({ value }) => value.errors.length > 0).map(({ value }) => value);
    expect(Object.fromEntries(wrong.map(({ name, errors }) => [name, errors.join()]))).toEqual({
      'pk.mode': expect.stringContaining('insert.mode=upsert needs a primary key'),
      pk_mode: expect.stringContaining('has no setting pk_mode'),
    });
  });
});

const whenFailed = async (name: string): Promise<{ readonly trace: string }> => {
  const { body } = await until(
    () => worker.request('GET', `/connectors/${name}/status`),
    (answer) => answer.body?.tasks?.[0]?.state === 'FAILED',
    limitMs,
  );
  return body.tasks[0];
};

describe('the PostgreSQL sink', () => {
  it('N67 fails with the remedy when the disk of its database is full, and then skips no record', async () => {
    await suite.send('filling', events(0, 2));
    await worker.run('filling', {
      ...guidesSink(),
      topics: 'filling',
      'insert.mode': 'insert',
      'pk.mode': 'none',
    });
    await rowsWhen('filling', ({ length }) => length === 2);
    // The code and the message of PostgreSQL if it cannot extend the file of a table.
    await sinks.database.pool.query(`
      CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.n = 4 THEN
          RAISE 'could not extend file "base/5/1": No space left on device' USING ERRCODE = 'disk_full';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON filling FOR EACH ROW EXECUTE FUNCTION disk_is_full()`);
    await suite.send('filling', events(2, 4));

    const { trace } = await whenFailed('filling');
    expect(trace).toMatch(
      /No space left on device\. The disk of the database is full: make room, then restart the task\. No record/,
    );

    await sinks.database.pool.query('DROP TRIGGER full_disk ON filling');
    await worker.request('POST', '/connectors/filling/restart?includeTasks=true&onlyFailed=true');
    const rows = await rowsWhen('filling', ({ length }) => length >= 6);
    expect(rows.map((row) => (row as { n: string }).n).sort()).toEqual(['0', '1', '2', '3', '4', '5']);
  }, 120_000);
});

describe('with exactly.once the PostgreSQL sink', () => {
  const config = (topic: string) => ({
    ...guidesSink(),
    topics: topic,
    'insert.mode': 'insert',
    'pk.mode': 'none',
    'exactly.once': 'true',
  });

  it('N62 writes each record once, even if a worker that runs it is killed', async () => {
    const script = new URL('sink-worker.program.ts', import.meta.url).pathname;
    const child = fork(script, [suite.broker.bootstrapServers], {
      execArgv: ['--conditions=@millrace/source', '--no-warnings'],
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    children.push(child);
    await beforeExit(child, once(child.stdout!, 'data'), () => 'its address');
    const part = 10_000;
    await suite.send('once', events(0, part), 4);
    await worker.request('POST', '/connectors', {
      name: 'once',
      // With the other connector's task these are five for two workers, so each runs at least one of them.
      config: { ...config('once'), 'tasks.max': '4' },
    });
    await until(
      async () => (await worker.request('GET', '/connectors/once/status')).body?.tasks ?? [],
      (tasks: { worker_id: string; state: string }[]) =>
        tasks.some(({ worker_id: id, state }) => state === 'RUNNING' && id !== new URL(worker.url).host),
      limitMs,
    );
    await rowsWhen('once', ({ length }) => length > 0);
    child.kill('SIGKILL');
    await suite.send('once', events(part, part), 4);

    const rows = await rowsWhen('once', ({ length }) => length >= 2 * part);
    expect(rows).toHaveLength(2 * part);
    expect(new Set(rows.map((row) => (row as { n: string }).n)).size).toBe(2 * part);
  }, 120_000);

  it('N68 fails with the remedy when its topic was deleted and created again', async () => {
    await suite.send('again', events(0, 10));
    await worker.run('again', config('again'));
    await rowsWhen('again', ({ length }) => length === 10);
    await worker.request('PUT', '/connectors/again/stop');
    await worker.has('again', 'STOPPED');
    await using admin = connectAdmin(suite.connection());
    await admin.topics.delete(['again']);
    await suite.send('again', events(0, 5));
    await worker.request('PUT', '/connectors/again/resume');
    const { trace } = await whenFailed('again');
    expect(trace).toMatch(/written up to offset 10, .* from the table connect_offset and start it/);
    expect(await sinks.rowsOf('again')).toHaveLength(10);
  }, 120_000);

  it('N63 sends the records that it refuses to the dead letters before its offsets move', async () => {
    await suite.send('mixed', ['{"n":1}', '{"n":"x"}', 'no JSON', '{"n":2}']);
    await sinks.database.pool.query('CREATE TABLE mixed (n bigint)');
    await worker.run('mixed', {
      ...config('mixed'),
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': 'mixed-dead',
      'errors.deadletterqueue.context.headers.enable': 'true',
    });
    await rowsWhen('mixed', ({ length }) => length === 2);
    const dead = await suite.records('mixed-dead', 2);
    expect(dead.map(({ value }) => String(value)).sort()).toEqual(['no JSON', '{"n":"x"}']);
  }, 60_000);
});

describe('the Parquet sink on a worker', () => {
  it('commits the offsets of closed files, so its lag counts the records in memory', async () => {
    await suite.send('lake', events(0, 25));
    const path = join(suite.folder, 'lake');
    await worker.run('lake', { 'connector.class': 'parquet-sink', topics: 'lake', path, 'roll.rows': '20' });
    const committed = async () =>
      (await worker.request('GET', '/connectors/lake/offsets')).body?.offsets?.[0]?.offset.kafka_offset;
    await until(committed, (offset) => offset === 25 || offset === 20, limitMs);
    await suite.send('lake', events(25, 1));
    const folder = join(path, 'lake');
    const days = await until(
      () => (existsSync(folder) ? readdir(folder) : []),
      ({ length }) => length > 0,
      limitMs,
    );
    const files = await readdir(join(folder, days[0]!));
    expect(files[0]).toMatch(/^lake-0-000000000000-0000000000\d\d\.parquet$/);
    expect(await committed()).toBeLessThan(26);
  }, 60_000);
});
