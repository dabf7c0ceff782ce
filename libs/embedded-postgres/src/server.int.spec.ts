import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { removeEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from './index.ts';
import type { LeftoverStop } from './leftover.ts';

describe('the embedded PostgreSQL', () => {
  let folder: string;
  const running: EmbeddedPostgres[] = [];

  const start = async (
    dataFolder = join(folder, 'data'),
    notices: string[] = [],
    leftoverStop?: LeftoverStop,
  ) => {
    const server = await startEmbeddedPostgres({
      dataFolder,
      port: 0,
      onNotice: (line) => notices.push(line),
      ...(leftoverStop && { leftoverStop }),
    });
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

  it('keeps its data across a restart', async () => {
    const first = await start();
    await query(first, "CREATE TABLE kept AS SELECT 'yes' AS answer");
    await first.stop();

    const second = await start();

    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 'yes' }]);
  });

  it('creates a cluster whose files of the write-ahead log have the requested size', async () => {
    const server = await startEmbeddedPostgres({
      dataFolder: join(folder, 'data'),
      port: 0,
      walSegmentMegabytes: 1,
    });
    running.push(server);

    expect(await query(server, 'SHOW wal_segment_size')).toEqual([{ wal_segment_size: '1MB' }]);
  });

  it('R30 answers while it runs, and not while it is stopped', async () => {
    const server = await start();
    await server.answer(new AbortController().signal);
    process.kill(server.pid, 'SIGSTOP');
    try {
      await expect(server.answer(AbortSignal.timeout(300))).rejects.toThrow(/abort|timeout/i);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }

    await server.answer(new AbortController().signal);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('keeps the memory of a statement for the next one', async () => {
    const server = await start();
    const client = new Client({ connectionString: `${server.url}/postgres` });
    await client.connect();
    try {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const sort = () => client.query('SELECT count(DISTINCT n::text) FROM generate_series(1, 3000) AS n');
      for (let warmUp = 0; warmUp < 10; warmUp++) await sort();
      const before = await pageFaultsOf(rows[0]!.pid);
      for (let again = 0; again < 20; again++) await sort();
      expect((await pageFaultsOf(rows[0]!.pid)) - before).toBeLessThan(100);
    } finally {
      await client.end();
    }
  });

  it('names a taken port and the setting that moves it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const start = (portSetting?: string) =>
      startEmbeddedPostgres({ dataFolder: join(folder, 'data'), port, ...(portSetting && { portSetting }) });

    await expect(start()).rejects.toThrow(
      `port ${port} for PostgreSQL is taken: stop the program that listens there, or set POSTGRES_PORT`,
    );
    await expect(start('KEYS_PORT')).rejects.toThrow('or set KEYS_PORT');

    other.close();
  });

  it('R07 stops a left-over server on its folder, and takes the folder over', async () => {
    const left = await start();
    const notices: string[] = [];

    const next = await start(join(folder, 'data'), notices);

    await left.exited;
    expect(notices).toEqual([`stopping the PostgreSQL that was left over (pid ${left.pid})`]);
    expect(await query(next, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('R07 ends a left-over server that does not stop when asked, and keeps everything that it had committed', async () => {
    const left = await start();
    await query(left, "CREATE TABLE kept AS SELECT 'yes' AS answer");
    const [{ pid }] = await query(
      left,
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
    );
    process.kill(pid, 'SIGSTOP'); // a fast shutdown waits for the checkpointer
    const notices: string[] = [];

    const starting = start(join(folder, 'data'), notices, { fastMsMax: 500, msMax: 20_000 });

    try {
      await expect(starting).resolves.toMatchObject({ dataFolder: left.dataFolder });
    } finally {
      continueIfAlive(pid);
    }
    expect(notices).toEqual([
      `stopping the PostgreSQL that was left over (pid ${left.pid})`,
      'PostgreSQL has not stopped after 0.5 s: it is shut down immediately and recovers at its next start',
    ]);
    expect(await query(await starting, 'SELECT answer FROM kept')).toEqual([{ answer: 'yes' }]);
  });

  it('R07 spares a process that only has the pid of a dead postmaster', async () => {
    const server = await start();
    await server.stop();
    const bystander = spawn('sleep', ['60']);
    await writeFile(
      join(server.dataFolder, 'postmaster.pid'),
      `${bystander.pid}\n${server.dataFolder}\n${Math.floor(Date.now() / 1000)}\n${server.port}\n\n\n\nready\n`,
    );

    // PostgreSQL may refuse the folder, but no process is killed.
    await start().catch(() => undefined);

    expect(bystander.exitCode).toBeNull();
    expect(bystander.signalCode).toBeNull();
    bystander.kill();
  });

  it('ends a start that is aborted, and leaves neither a server nor half a cluster', async () => {
    const controller = new AbortController();
    const starting = startEmbeddedPostgres({
      dataFolder: join(folder, 'data'),
      port: 0,
      signal: controller.signal,
    });
    const initialising = async () => {
      const unfinished = (await readdir(folder)).find((name) => name.endsWith('.initdb'));
      return unfinished !== undefined && existsSync(join(folder, unfinished, 'PG_VERSION'));
    };
    while (!(await initialising())) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new Error('given up'));

    await expect(starting).rejects.toThrow('given up');

    expect(await readdir(folder)).toEqual([]);
  });

  it('clears what an interrupted initdb has left', async () => {
    await mkdir(join(folder, 'data.0123abcd.initdb'));
    await writeFile(join(folder, 'data.0123abcd.initdb.password'), 'secret');

    await start();

    expect(await readdir(folder)).toEqual(['data']);
  });

  it('starts again on the folder of a server that was killed', async () => {
    const killed = await start();
    await query(killed, "CREATE TABLE kept AS SELECT 'yes' AS answer");
    process.kill(killed.pid, 'SIGKILL');
    expect(await killed.exited).toBe('SIGKILL');

    const next = await start();

    expect(await query(next, 'SELECT answer FROM kept')).toEqual([{ answer: 'yes' }]);
  });

  it('says in one line why the server does not start', async () => {
    const server = await start();
    await server.stop();
    await rm(join(server.dataFolder, 'global'), { recursive: true });

    await expect(start()).rejects.toThrow(
      /^PostgreSQL did not start: it exited with code \d+: [^\n]*global[^\n]*$/,
    );
  });

  it('refuses the data of another major version', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'PG_VERSION'), '17\n');

    await expect(start()).rejects.toThrow(/was created by PostgreSQL 17, but this is 18: .*--fresh/);
  });

  it('deletes a cluster with its left-over server', async () => {
    const left = await start();
    await writeFile(join(folder, 'bystander'), '');

    await removeEmbeddedPostgres(join(folder, 'data'), () => undefined);
    await left.exited;

    expect(await readdir(folder)).toEqual(['bystander']);
  });
});

const closedParent = async (folder: string) => {
  const closed = join(folder, 'closed');
  await mkdir(closed, { mode: 0o700 });
  return join(closed, 'data');
};

// Under root, the server runs as another user, which cannot enter a closed parent. Any other user
// owns both.
const asRoot = { user: 'root', movesTo: '/var/tmp/' };
const asOther = { user: 'an ordinary user', movesTo: undefined };
const users = [process.getuid?.() === 0 ? asRoot : asOther];

describe.each<{ user: string; movesTo: string | undefined }>(users)(
  'under a closed parent, started by $user',
  ({ movesTo }) => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'millrace-embedded-'));
      await chmod(folder, 0o755);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it('keeps the data where its user can enter, reports the place, finds the data again, and deletes them there', async () => {
      const wanted = await closedParent(folder);
      const notices: string[] = [];

      const server = await startEmbeddedPostgres({
        dataFolder: wanted,
        port: 0,
        onNotice: (line) => notices.push(line),
      });
      await server.stop();

      expect(server.dataFolder.startsWith(movesTo ?? wanted)).toBe(true);
      expect(notices.some((line) => line.includes(server.dataFolder))).toBe(movesTo !== undefined);

      await chmod(join(folder, 'closed'), 0o755);
      const again = await startEmbeddedPostgres({ dataFolder: wanted, port: 0 });
      await again.stop();
      expect(again.dataFolder).toBe(server.dataFolder);

      await removeEmbeddedPostgres(wanted, () => undefined);
      expect(existsSync(server.dataFolder)).toBe(false);
    });
  },
);

function continueIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // it has ended
  }
}

/** The tenth field of `/proc/PID/stat` counts the page faults that needed no disk (proc(5)). */
async function pageFaultsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[7]);
}
