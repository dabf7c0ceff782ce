import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import {
  copyRunningCluster,
  placeCluster,
  runningCluster,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from './index.ts';

describe('a cluster that is copied while it is written to', () => {
  let folder: string;
  const running: EmbeddedPostgres[] = [];
  const clients: Client[] = [];

  const start = async (name: string) => {
    const server = await startEmbeddedPostgres({ dataFolder: join(folder, name), port: 0 });
    running.push(server);
    return server;
  };
  const connect = async ({ url }: EmbeddedPostgres) => {
    const client = new Client({ connectionString: `${url}/postgres` });
    await client.connect();
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-copied-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await Promise.all(running.splice(0).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('R15 shows one moment, with everything committed before and both sides of every transaction, and accepts writes', async () => {
    const server = await start('original');
    const writer = await connect(server);
    const reader = await connect(server);
    await writer.query('CREATE TABLE debit (n int, filler text); CREATE TABLE credit (n int, filler text)');
    let written = 0;
    let stopped = false;
    const writing = (async () => {
      for (; !stopped; written += 1)
        await writer.query(
          `BEGIN; INSERT INTO debit VALUES (${written}, repeat('x', 500)); INSERT INTO credit VALUES (${written}, ''); COMMIT`,
        );
    })();
    while (written < 200) await new Promise((resolve) => setTimeout(resolve, 5));

    const original = runningCluster(join(folder, 'original'))!;
    const before = written;
    const checkpoints = (async () => {
      // This changes pages in the files while they are copied.
      while (!stopped) await reader.query('CHECKPOINT');
    })();
    await copyRunningCluster(original, join(folder, 'copy'));
    stopped = true;
    await Promise.all([writing, checkpoints]);
    await placeCluster(join(folder, 'copy'), join(folder, 'restored'));

    const restored = await connect(await start('restored'));
    const { rows } = await restored.query(
      'SELECT (SELECT count(*)::int FROM debit) AS debit, (SELECT count(*)::int FROM credit) AS credit',
    );
    expect(rows[0].debit).toBe(rows[0].credit);
    expect(rows[0].debit).toBeGreaterThanOrEqual(before);
    await restored.query(`INSERT INTO debit VALUES (-1, '')`);
    await expect(placeCluster(join(folder, 'copy'), join(folder, 'original'))).rejects.toThrow(
      'already has a PostgreSQL cluster',
    );
  });

  it('is not found for a folder without a server', () => {
    expect(runningCluster(join(folder, 'nothing'))).toBeUndefined();
  });
});
