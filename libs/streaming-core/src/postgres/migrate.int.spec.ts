import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { migrate, pendingMigrations, streamingCoreMigrations } from './migrate.ts';

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

  it('applies by number, several statements to a file, and a file that is added later', async () => {
    await write('0002-fill.sql', "INSERT INTO item VALUES ('a'); INSERT INTO item VALUES ('b');");
    await write('0001-create.sql', 'CREATE TABLE item (name text);');
    await run();
    await write('0003-more.sql', "INSERT INTO item VALUES ('c')");
    await run();

    expect((await database.sql.query('SELECT name FROM item ORDER BY name')).rows).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
  });

  it('lets two runners at the same time apply each file once', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text); SELECT pg_sleep(0.05);');
    await write('0002-fill.sql', "INSERT INTO item VALUES ('a'); SELECT pg_sleep(0.05);");

    await Promise.all([run(), run(), run()]);

    expect((await database.sql.query('SELECT name FROM item')).rowCount).toBe(1);
  });

  it('leaves nothing of a file that fails, and goes on from there', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text);');
    await write('0002-broken.sql', "INSERT INTO item VALUES ('half'); SELECT 1/0;");
    await expect(run()).rejects.toThrow('division by zero');
    await write('0002-broken.sql', "INSERT INTO item VALUES ('whole');");
    await run();

    expect((await database.sql.query('SELECT name FROM item')).rows).toEqual([{ name: 'whole' }]);
  });

  it('refuses a file that was changed after it had been applied, and says what to do', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text);');
    await run();
    await write('0001-create.sql', 'CREATE TABLE item (name text, price int);');
    await write('0002-more.sql', 'CREATE TABLE other (name text);');

    await expect(run()).rejects.toMatchObject({ code: 'migration_changed', message: expect.stringContaining('new migration') });
    await expect(database.sql.query('SELECT * FROM other')).rejects.toThrow('does not exist');
  });

  it('leaves alone what a newer release has only added, and applies its own', async () => {
    await write('0002-more.sql', 'CREATE TABLE other (name text);');
    await run();
    await rm(join(folder, '0002-more.sql'));
    await write('0001-create.sql', 'CREATE TABLE item (name text);');

    await run();

    expect(await pendingMigrations(database.sql, [{ library: 'shop', folder }])).toEqual([]);
    expect((await database.sql.query('SELECT name FROM item')).rows).toEqual([]);
  });

  it('refuses a database from which a newer release has taken something away', async () => {
    await write('0001-create.sql', 'CREATE TABLE item (name text, price int);');
    await write('0002-contract-price.sql', 'ALTER TABLE item DROP COLUMN price;');
    await run();
    await rm(join(folder, '0002-contract-price.sql'));

    await expect(run()).rejects.toMatchObject({ code: 'migration_unknown', message: expect.stringContaining('0002-contract-price.sql') });
    await expect(pendingMigrations(database.sql, [{ library: 'shop', folder }])).rejects.toMatchObject({ code: 'migration_unknown' });
  });

  it('gives a migration all the time it needs, whatever transaction_timeout says', async () => {
    await database.sql.query(`ALTER DATABASE ${database.name} SET transaction_timeout = '100ms'`);
    await database.pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()', [
      database.name,
    ]);
    await write('0001-slow.sql', 'SELECT pg_sleep(0.3); CREATE TABLE item (name text);');
    const fresh = await createConnected(database.url);

    await migrate(fresh.sql, [{ library: 'shop', folder }]);

    expect((await fresh.sql.query('SELECT * FROM item')).rowCount).toBe(0);
    await fresh.end();
  });
});

async function createConnected(url: string) {
  const { Pool } = await import('pg');
  const { pgDatabase } = await import('./pg-database.ts');
  const pool = new Pool({ connectionString: url, max: 1 });
  return { sql: pgDatabase(pool), end: () => pool.end() };
}
