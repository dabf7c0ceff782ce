import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { migrate, pendingMigrations, streamingCoreMigrations } from './migrate.ts';

const until = within(20_000);

describe('the migration runner', () => {
  let database: TestDatabase;
  let folder: string;
  const write = (name: string, sql: string) => writeFile(join(folder, name), sql);
  const run = () => migrate(database.sql, [{ library: 'shop', folder }]);

  beforeEach(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'millrace-migrations-'));
  });
  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it("applies this library's own migrations once", async () => {
    const own = [{ library: 'streaming-core', folder: streamingCoreMigrations }];

    expect((await pendingMigrations(database.sql, own)).length).toBeGreaterThan(0);
    await migrate(database.sql, own);
    await migrate(database.sql, own);

    expect(await pendingMigrations(database.sql, own)).toEqual([]);
    expect((await database.sql.query('SELECT * FROM outbox')).rowCount).toBe(0);
  });

  it('applies files in the order of their numbers, several statements per file, and a file that is added later', async () => {
    await write('0002-fill.sql', "INSERT INTO item VALUES ('a'); INSERT INTO item VALUES ('b');");
    await write('0001-create.sql', 'CREATE TABLE item (name text);');
    await run();
    await write('0003-more.sql', "INSERT INTO item VALUES ('c')");
    await run();

    expect((await database.sql.query('SELECT name FROM item ORDER BY name')).rows).toEqual([
      { name: 'a' },
      { name: 'b' },
      { name: 'c' },
    ]);
  });

  it('R06 applies each file once when several runners start at the same time', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text); SELECT pg_sleep(0.05);');
    await write('0002-fill.sql', "INSERT INTO item VALUES ('a'); SELECT pg_sleep(0.05);");

    await Promise.all([run(), run(), run()]);

    expect((await database.sql.query('SELECT name FROM item')).rowCount).toBe(1);
  });

  it('keeps nothing of a file that fails, and resumes with that file', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text);');
    await write('0002-broken.sql', "INSERT INTO item VALUES ('half'); SELECT 1/0;");
    await expect(run()).rejects.toThrow('division by zero');
    await write('0002-broken.sql', "INSERT INTO item VALUES ('whole');");
    await run();

    expect((await database.sql.query('SELECT name FROM item')).rows).toEqual([{ name: 'whole' }]);
  });

  it('R06 rejects a file that was changed after it had been applied, and names the remedy', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text);');
    await run();
    await write('0001-create.sql', 'CREATE TABLE item (name text, price int);');
    await write('0002-more.sql', 'CREATE TABLE other (name text);');

    await expect(run()).rejects.toMatchObject({
      code: 'migration_changed',
      message: expect.stringContaining('new migration'),
    });
    await expect(database.sql.query('SELECT * FROM other')).rejects.toThrow('does not exist');
  });

  it('R09 ignores what a newer release has only added, and applies its own files', async () => {
    await write('0002-more.sql', 'CREATE TABLE other (name text);');
    await run();
    await rm(join(folder, '0002-more.sql'));
    await write('0001-create.sql', 'CREATE TABLE item (name text);');

    await run();

    expect(await pendingMigrations(database.sql, [{ library: 'shop', folder }])).toEqual([]);
    expect((await database.sql.query('SELECT name FROM item')).rows).toEqual([]);
  });

  it('R09 rejects a database from which a newer release has removed something', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text, price int);');
    await write('0002-contract-price.sql', 'ALTER TABLE item DROP COLUMN price;');
    await run();
    await rm(join(folder, '0002-contract-price.sql'));

    await expect(run()).rejects.toMatchObject({
      code: 'migration_unknown',
      message: expect.stringContaining('0002-contract-price.sql'),
    });
    await expect(pendingMigrations(database.sql, [{ library: 'shop', folder }])).rejects.toMatchObject({
      code: 'migration_unknown',
    });
  });

  describe('with a short transaction_timeout', () => {
    const slow = 'SELECT pg_sleep(0.9); CREATE TABLE item (name text);';

    beforeEach(async () => {
      await database.sql.query(`ALTER DATABASE ${database.name} SET transaction_timeout = '600ms'`);
      await write('0001-slow.sql', slow);
    });

    /** Uses a new connection, because only new ones have the setting. */
    async function runAfresh(): Promise<void> {
      const fresh = await createConnected(database.url);
      await migrate(fresh.sql, [{ library: 'shop', folder }]).finally(() => fresh.end());
    }

    it('gives a migration all the time it needs', async () => {
      await runAfresh();

      expect((await database.sql.query('SELECT * FROM item')).rowCount).toBe(0);
    });

    it('waits for another runner, however long that runner takes', async () => {
      const first = runAfresh();
      const asleep = `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'PgSleep'`;
      await until(
        async () => (await database.sql.query(asleep, [database.name])).rowCount === 1,
        'the first runner to be at work',
      );

      await Promise.all([first, runAfresh()]);

      expect((await database.sql.query('SELECT * FROM item')).rowCount).toBe(0);
    });
  });
});

async function createConnected(url: string) {
  const { Pool } = await import('pg');
  const { pgDatabase } = await import('./pg-database.ts');
  const pool = new Pool({ connectionString: url, max: 1 });
  // `end` resolves before its connections are closed, so dropping the database may cut them off.
  pool.on('error', () => undefined);
  return { sql: pgDatabase(pool), end: () => pool.end() };
}
