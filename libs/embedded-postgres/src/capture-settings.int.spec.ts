import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './index.ts';

describe('the embedded PostgreSQL on a data folder from before change data capture', () => {
  let folder: string;
  const running: EmbeddedPostgres[] = [];
  const start = async (settings: Readonly<Record<string, string>> = {}) => {
    const server = await startEmbeddedPostgres({ dataFolder: join(folder, 'data'), port: 0, settings });
    running.push(server);
    return server;
  };
  const query = async ({ url }: EmbeddedPostgres, text: string) => {
    const client = new Client({ connectionString: `${url}/postgres` });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-captured-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('gives a logical slot to a role with REPLICATION, and limits what it keeps for it', async () => {
    const before = await start({ wal_level: 'replica' });
    expect(await query(before, 'SHOW wal_level')).toEqual([{ wal_level: 'replica' }]);
    await before.stop();
    const server = await start();

    await query(server, `SELECT pg_create_logical_replication_slot('changes', 'pgoutput')`);

    expect(await query(server, 'SELECT rolreplication FROM pg_roles WHERE rolname = current_user')).toEqual([
      { rolreplication: true },
    ]);
    expect(await query(server, 'SHOW max_slot_wal_keep_size')).toEqual([{ max_slot_wal_keep_size: '4GB' }]);
  });
});
