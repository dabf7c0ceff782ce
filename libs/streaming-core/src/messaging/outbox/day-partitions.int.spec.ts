import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '../../postgres/index.ts';
import {
  createDay,
  excludeDay,
  includeDay,
  validateExcludedDay,
  makeDays,
  type DailyTable,
} from './day-partitions.ts';

describe('the day partitions beside a large default partition', () => {
  let database: TestDatabase;
  const outbox: DailyTable = { name: 'outbox', timeColumn: 'created_at', firstDay: 0 };
  const rowsInDefault = 30_000;

  beforeEach(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.sql.query(
      `INSERT INTO outbox (id, topic, payload, created_at)
       SELECT gen_random_uuid(), 't', repeat('x', 300), now() + interval '400 days' FROM generate_series(1, ${rowsInDefault})`,
    );
  });
  afterEach(() => database.drop());

  const dayAhead = async (daysAhead: number) =>
    (
      await database.sql.query<{ day: string }>(
        `SELECT ((now() AT TIME ZONE 'UTC')::date + ${daysAhead})::text AS day`,
      )
    ).rows[0]!.day;
  const partitions = async () =>
    (
      await database.sql.query<{ name: string }>(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'outbox'::regclass",
      )
    ).rows.map(({ name }) => name);
  const partitionOf = async (daysAhead: number) =>
    `outbox_${(await dayAhead(daysAhead)).replaceAll('-', '')}`;
  const write = (daysAhead: number) =>
    database.sql.query(
      "INSERT INTO outbox (id, topic, created_at) VALUES (gen_random_uuid(), 't', now() + $1 * interval '1 day')",
      [daysAhead],
    );

  /**
   * The database, with a count of the rows that each statement's scans read from the default
   * partition.
   */
  function counting(reads: { statement: string; rows: number }[]): SqlDatabase {
    return {
      transaction: (work) => database.sql.transaction(work),
      query: (statement, values) =>
        database.sql.transaction(async (transaction) => {
          const read = async () =>
            (
              await transaction.query<{ rows: number }>(
                "SELECT pg_stat_get_xact_tuples_returned('outbox_default'::regclass)::integer AS rows",
              )
            ).rows[0]!.rows;
          const before = await read();
          const result = await transaction.query<never>(statement, values);
          reads.push({ statement, rows: (await read()) - before });
          return result;
        }),
    };
  }

  it('M18 are attached a week ahead, and no row is read under the exclusive lock', async () => {
    const reads: { statement: string; rows: number }[] = [];
    await makeDays(counting(reads), outbox, 2);

    expect(await partitions()).toEqual(expect.arrayContaining([await partitionOf(7), await partitionOf(8)]));
    const readBy = (statement: string) => reads.filter((read) => read.statement === statement);
    expect(readBy(createDay).map(({ rows }) => rows)).toEqual([0, 0]);
    expect(readBy(excludeDay).map(({ rows }) => rows)).toEqual([0, 0]);
    expect(readBy(validateExcludedDay).map(({ rows }) => rows)).toEqual([rowsInDefault, rowsInDefault]);
  });

  it('are not created again by the next run, which reads no rows', async () => {
    await makeDays(database.sql, outbox, 2);
    const reads: { statement: string; rows: number }[] = [];
    await makeDays(counting(reads), outbox, 2);

    expect(reads.map(({ statement }) => statement)).not.toContain(createDay);
    expect(reads.every(({ rows }) => rows === 0)).toBe(true);
  });

  it('M18 leave the default partition open to readers and writers while its rows are read', async () => {
    await database.sql.query(excludeDay, ['outbox', 'created_at', await dayAhead(7)]);
    await database.sql.transaction(async (transaction) => {
      await transaction.query(validateExcludedDay, ['outbox']);
      await write(400);
      await database.sql.query('SELECT FROM outbox_default LIMIT 1');
    });
  });

  it('leave out a day that has rows in the default partition, which continues to accept rows of that day', async () => {
    await write(7);
    await makeDays(database.sql, outbox, 2);
    await write(7);

    expect(await partitions()).not.toContain(await partitionOf(7));
    expect(await partitions()).toContain(await partitionOf(8));
  });

  it('M18 are created after a process died in the middle, and the default partition accepts rows of every day again', async () => {
    await database.sql.query(excludeDay, ['outbox', 'created_at', await dayAhead(20)]);
    await expect(write(20)).rejects.toMatchObject({ code: '23514' });
    await expect(makeDays(database.sql, outbox, 2)).resolves.toBeUndefined();
    await write(20);

    expect(await partitions()).toContain(await partitionOf(7));
  });

  it('need no lock if no day was excluded', async () => {
    await database.sql.transaction(async (transaction) => {
      await transaction.query('LOCK TABLE outbox_default IN ACCESS SHARE MODE');
      await database.sql.query(includeDay, ['outbox']);
    });
  });
});
