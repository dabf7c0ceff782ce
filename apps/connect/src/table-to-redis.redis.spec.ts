import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startPostgresServer, type PostgresServer } from '@millrace/testing/postgres';
import { openTestStreamApp, until } from '@millrace/testing/service';
import { settings } from './config.ts';
import { connectModule } from './connect.module.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/how-to/table-to-redis.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'table-to-redis-'));
let redisPort: number;
let redis: ChildProcess;
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgresServer();
  redisPort = await freePort();
  redis = spawn('redis-server', ['--port', String(redisPort), '--dir', folder, '--save', ''], {
    stdio: 'ignore',
  });
});
afterAll(async () => {
  const ended = once(redis, 'exit');
  redis.kill();
  await ended;
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const execute = promisify(execFile);
const redisCli = async (...command: readonly string[]): Promise<string> =>
  (await execute('redis-cli', ['-p', String(redisPort), ...command])).stdout;

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  return port;
}

it('N65 G25 G29 a table is live in Redis with the two curls of the how-to page', async () => {
  await using app = await openTestStreamApp({ name: 'connect', settings, module: connectModule });
  const { url, stop } = await app.start();
  /** Runs the commands of the page with the addresses of this test. */
  const run = (script: string) =>
    execute(
      'bash',
      [
        '-ec',
        script
          .replaceAll('postgres://millrace:millrace@127.0.0.1:54329', postgres.url)
          .replaceAll('"54329"', `"${new URL(postgres.url).port}"`)
          .replaceAll('"database.user": "millrace"', `"database.user": "${new URL(postgres.url).username}"`)
          .replaceAll(
            '"database.password": "millrace"',
            `"database.password": "${new URL(postgres.url).password}"`,
          )
          .replaceAll('localhost:8083', url.replace('http://', ''))
          .replaceAll('6379', String(redisPort)),
      ],
      { timeout: 60_000 },
    );
  const [start, ...scripts] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, script]) => script!);
  expect(start).toBe('npm start -- --with connect\n');
  try {
    await until(
      () => fetch(`${url}/readyz`),
      ({ status }) => status === 200,
    );
    // A reader of the page waits for an answer before the next command.
    const [tables, source, sink, changes] = scripts;
    for (const script of [tables, source, sink]) await run(script!);
    await until(
      () => fetch(`${url}/connectors?expand=status`).then((answer) => answer.text()),
      (text) => (text.match(/"state":"RUNNING"/g) ?? []).length === 4,
      60_000,
    );
    await run(changes!);
    const fields = await until(
      () => redisCli('HGETALL', 'customer:7'),
      (text) => text.includes('john@new.com'),
      60_000,
    );
    expect(fields.trim().split('\n')).toEqual(['id', '7', 'name', 'John', 'email', 'john@new.com']);
    await until(
      () => redisCli('KEYS', 'customer:*'),
      (text) => text.trim() === 'customer:7',
      60_000,
    );
  } finally {
    await stop();
  }
}, 180_000);
