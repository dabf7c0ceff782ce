import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './index.ts';

describe('the embedded PostgreSQL', () => {
  let folder: string;
  const running: EmbeddedPostgres[] = [];

  const start = async (dataFolder = join(folder, 'data'), notices: string[] = []) => {
    const server = await startEmbeddedPostgres({ dataFolder, port: 0, onNotice: (line) => notices.push(line) });
    running.push(server);
    return server;
  };

  const query = async (server: EmbeddedPostgres, text: string) => {
    const client = new Client({ connectionString: `${server.url}/postgres` });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-embedded-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('keeps its data over a restart', async () => {
    const first = await start();
    await query(first, "CREATE TABLE kept AS SELECT 'yes' AS answer");
    await first.stop();

    const second = await start();

    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 'yes' }]);
  });

  it('names a taken port and the setting that moves it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    await expect(startEmbeddedPostgres({ dataFolder: join(folder, 'data'), port })).rejects.toThrow(
      `port ${port} for PostgreSQL is taken: stop whoever listens there, or set POSTGRES_PORT`,
    );

    other.close();
  });

  it('stops a server that was left over on its folder, and takes the folder over', async () => {
    const left = await start();
    const notices: string[] = [];

    const next = await start(join(folder, 'data'), notices);

    await left.exited;
    expect(notices).toEqual([`stopping the PostgreSQL that was left over (pid ${left.pid})`]);
    expect(await query(next, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('leaves alone a process that only has the pid of a dead postmaster', async () => {
    const server = await start();
    await server.stop();
    const bystander = spawn('sleep', ['60']);
    await writeFile(
      join(server.dataFolder, 'postmaster.pid'),
      `${bystander.pid}\n${server.dataFolder}\n${Math.floor(Date.now() / 1000)}\n${server.port}\n\n\n\nready\n`,
    );

    await start().catch(() => undefined); // PostgreSQL may refuse the folder, but nobody is killed

    expect(bystander.exitCode).toBeNull();
    expect(bystander.signalCode).toBeNull();
    bystander.kill();
  });

  it('moves to a folder that its user can enter when a parent is closed', async () => {
    if (process.getuid?.() !== 0) return expect(process.getuid?.()).not.toBe(0);
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const notices: string[] = [];

    const server = await start(join(closed, 'data'), notices);

    expect(notices[0]).toContain(server.dataFolder);
    expect(server.dataFolder.startsWith('/var/tmp/')).toBe(true);
    await running.pop()?.stop();
    await rm(join(server.dataFolder, '..'), { recursive: true, force: true });
  });
});
