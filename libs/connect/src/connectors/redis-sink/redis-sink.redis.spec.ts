import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/service';
import { createClient } from 'redis';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { jsonRecord, optional, sinkRecord, startSink, struct } from '../sink-task.fixture.ts';
import { redisSink } from './redis-sink-connector.ts';

const folder = mkdtempSync(join(tmpdir(), 'redis-sink-'));
let port: number;
let server: ChildProcess;
let redis: ReturnType<typeof clientOf>;
beforeAll(async () => {
  port = await freePort();
  server = await startRedis();
  redis = clientOf();
  await redis.connect();
});
beforeEach(async () => {
  await redis.flushAll();
});
afterAll(async () => {
  redis.destroy();
  await killRedis();
  rmSync(folder, { recursive: true, force: true });
});

function clientOf() {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: 50 } });
  client.on('error', () => undefined);
  return client;
}

/** Starts a Redis that keeps every acknowledged write across a kill. */
async function startRedis(): Promise<ChildProcess> {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const started = spawn('redis-server', ['--port', String(port), '--dir', folder, ...durable]);
  let output = '';
  started.stdout.on('data', (text) => (output += String(text)));
  await until(
    () => output,
    (text) => text.includes('Ready to accept connections'),
  );
  return started;
}

async function killRedis(): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port: free } = listener.address() as AddressInfo;
  listener.close();
  return free;
}

const start = (config: ConnectConfig, more: { tolerates?: boolean; name?: string } = {}) =>
  startSink({
    connector: redisSink,
    config: { 'redis.url': `redis://127.0.0.1:${port}`, ...config },
    ...more,
  });
const partitions = [{ topic: 'user-events', partition: 0 }];
const nextOffset = () => redis.get('millrace:connect:sink:offset:user-events-0');

/** Puts again until the sink has connected again. */
async function putAgain(work: () => Promise<void>): Promise<void> {
  await until(
    () =>
      work().then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(RetriableConnectError);
          return false;
        },
      ),
    (isWritten) => isWritten,
    60_000,
  );
}

describe('N64 the Redis sink', () => {
  it('keeps the newest value of each key as a hash, drops fields that it no longer has, and deletes keys', async () => {
    const { task } = await start({});
    await task.put([
      jsonRecord(0, 'u1', { name: 'John', email: 'john@old.com', tags: ['a'] }),
      jsonRecord(1, 'u2', { name: 'Eve' }),
      jsonRecord(2, 'u1', { name: 'John', email: 'john@new.com', tags: null }),
      jsonRecord(3, 'u2', null),
    ]);
    expect(await redis.hGetAll('user-events:u1')).toEqual({ name: 'John', email: 'john@new.com' });
    expect(await redis.exists('user-events:u2')).toBe(0);
    expect(await nextOffset()).toBe('4');
    await task.stop();
  });

  it('writes JSON, text and bytes under a key of the pattern, for as long as ttl.seconds says', async () => {
    const key = {
      schema: struct({ id: optional('int32'), kind: optional('string') }),
      value: { id: 7, kind: 'x' },
    };
    const value = {
      schema: struct({
        at: optional('int64', 'org.apache.kafka.connect.data.Timestamp'),
        n: optional('int64'),
      }),
      value: { at: 1_705_315_200_000n, n: 9_007_199_254_740_993n },
    };
    const json = await start({
      mode: 'json',
      'key.pattern': 'u:${key.id}:${partition}',
      'ttl.seconds': '100',
    });
    await json.task.put([sinkRecord({ offset: 0, key, value })]);
    expect(await redis.get('u:7:0')).toBe('{"at":"2024-01-15T10:40:00.000Z","n":"9007199254740993"}');
    expect(await redis.ttl('u:7:0')).toBeGreaterThan(90);

    const text = await start({ mode: 'string' }, { name: 'text' });
    await text.task.put([
      sinkRecord({ offset: 0, key, value: { value: Buffer.from('raw') } }),
      jsonRecord(1, 'k', 'text'),
    ]);
    expect(await redis.get('user-events:7:x')).toBe('raw');
    expect(await redis.get('user-events:k')).toBe('text');
    await Promise.all([json.task.stop(), text.task.stop()]);
  });

  it('adds each record to a stream once, even after kills, with repeated records, and as two tasks', async () => {
    const config = { mode: 'stream', 'key.pattern': 'events' };
    const records = Array.from({ length: 2_500 }, (_, offset) =>
      jsonRecord(offset, `k${offset % 7}`, { offset }),
    );
    const first = await start(config);
    expect(await first.task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 0n }]);
    await first.task.put(records.slice(0, 1_500));
    await killRedis();
    server = await startRedis();

    const second = await start(config);
    await putAgain(async () => {
      expect(await second.task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 1_500n }]);
    });
    await Promise.all([
      putAgain(() => first.task.put(records.slice(1_200))),
      putAgain(() => second.task.put(records.slice(1_500))),
    ]);
    const entries = await until(
      async () => (await redis.xRange('events', '-', '+').catch(() => null)) ?? [],
      (found) => found.length > 0,
    );
    expect(entries.map(({ message }) => Number(message.offset))).toEqual(records.map((_, offset) => offset));
    expect(entries[0]?.message).toMatchObject({
      key: 'k0',
      value: '{"offset":0}',
      topic: 'user-events',
      partition: '0',
    });
    await Promise.all([first.task.stop(), second.task.stop()]);
  });

  it('fills Redis again from the beginning after Redis has lost its data', async () => {
    const { task } = await start({});
    await task.put([jsonRecord(0, 'a', { n: 1 })]);
    await redis.flushAll();
    await expect(task.put([jsonRecord(1, 'b', { n: 2 })])).rejects.toThrow(
      /has lost its data: restart the task/,
    );

    const again = await start({});
    expect(await again.task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 0n }]);
    await Promise.all([task.stop(), again.task.stop()]);
  });

  it('fails with the remedy for a topic that was deleted and created again', async () => {
    const { task } = await start({});
    await task.put([jsonRecord(99, 'a', { n: 1 })]);
    expect(await task.assigned?.(partitions)).toEqual([{ ...partitions[0], offset: 100n }]);
    await expect(task.put([jsonRecord(0, 'a', { n: 2 })])).rejects.toThrow(
      /written up to offset 100, .* deleted and created again\. .* delete the keys millrace:connect:sink:offset:\*/,
    );
    await task.stop();
  });

  it('refuses a record that does not fit the mode, with its place, or hands it to the dead letters', async () => {
    const records = [jsonRecord(0, 'a', 'text'), jsonRecord(1, null, { n: 1 }), jsonRecord(2, 'b', { n: 1 })];
    const strict = await start({});
    await expect(strict.task.put(records)).rejects.toThrow(
      /offset 0 of partition 0 of topic user-events cannot be written: its value is not an object.* use mode=json/,
    );
    expect(await nextOffset()).toBeNull();

    const { task, rejected } = await start({}, { tolerates: true });
    await task.put(records);
    expect(rejected.map((message) => /offset (\d)/.exec(message)?.[1])).toEqual(['0', '1']);
    expect(await redis.hGetAll('user-events:b')).toEqual({ n: '1' });
    await Promise.all([strict.task.stop(), task.stop()]);
  });

  it('writes nothing of a transaction if a key is not a stream, or if Redis has no memory for it', async () => {
    await redis.set('events', 'x');
    const stream = await start({ mode: 'stream', 'key.pattern': 'events' });
    await expect(stream.task.put([jsonRecord(0, 'a', {})])).rejects.toThrow(
      new ConnectError(
        'the key events in Redis holds a string, not a stream: delete it, or change key.pattern',
      ),
    );
    const { task } = await start({});
    await redis.configSet('maxmemory', '1');
    await expect(task.put([jsonRecord(0, 'a', { n: 1 })])).rejects.toThrow(RetriableConnectError);
    await redis.configSet('maxmemory', '0');
    expect(await nextOffset()).toBeNull();
    await task.put([jsonRecord(0, 'a', { n: 1 })]);
    expect(await nextOffset()).toBe('1');
    await Promise.all([stream.task.stop(), task.stop()]);
  });

  it('notices a Redis that is away, or that does not answer', async () => {
    const away = await start({ 'redis.url': 'redis://127.0.0.1:1' });
    await expect(away.task.put([jsonRecord(0, 'a', {})])).rejects.toThrow(RetriableConnectError);

    const { task } = await start({ 'request.timeout.ms': '300' });
    await task.put([jsonRecord(0, 'a', { n: 1 })]);
    server.kill('SIGSTOP');
    await expect(task.put([jsonRecord(1, 'a', { n: 2 })])).rejects.toThrow(/no answer within 300 ms/);
    server.kill('SIGCONT');
    await putAgain(() => task.put([jsonRecord(1, 'a', { n: 2 })]));
    expect(await redis.hGetAll('user-events:a')).toEqual({ n: '2' });
    await Promise.all([away.task.stop(), task.stop()]);
  });
});
