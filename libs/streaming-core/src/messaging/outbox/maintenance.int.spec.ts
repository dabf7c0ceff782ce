import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { dropOutboxDay, outboxDayThatIsOver, maintainPartitions } from './maintenance.ts';

const day = 24 * 60 * 60 * 1000;

describe('partition maintenance', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterEach(() => database.drop());

  const partitions = async (parent: string) =>
    (
      await database.sql.query<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = '${parent}'::regclass ORDER BY 1`,
      )
    ).rows.map(({ name }) => name);
  const partitionName = (parent: string, daysFromNow: number) =>
    `${parent}_${new Date(Date.now() + daysFromNow * day).toISOString().slice(0, 10).replaceAll('-', '')}`;
  const write = (daysFromNow: number) =>
    database.sql.query(
      `INSERT INTO outbox (id, topic, created_at) VALUES (gen_random_uuid(), 't', now() + $1 * interval '1 day') RETURNING position`,
      [daysFromNow],
    );
  const pass = () =>
    database.sql.query(
      'UPDATE relay_cursor SET position = (SELECT last_value FROM outbox_position_sequence)',
    );

  it('makes the partitions of the coming days, and changes nothing when repeated', async () => {
    await maintainPartitions(database.sql, { partitionDaysAhead: 7 });
    await maintainPartitions(database.sql, { partitionDaysAhead: 7 });

    expect(await partitions('outbox')).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6].map((n) => partitionName('outbox', n)),
      'outbox_default',
    ]);
    expect(await partitions('inbox')).toContain(partitionName('inbox', -1));
  });

  it('drops a day only once it is over, old enough and passed by the cursor', async () => {
    await database.sql.query(
      "SELECT create_day_partitions('outbox', (now() AT TIME ZONE 'UTC')::date - 5, 5)",
    );
    const old = partitionName('outbox', -4);
    await write(-4);
    await maintainPartitions(database.sql);
    expect(await partitions('outbox')).toContain(old);

    await pass();
    await maintainPartitions(database.sql, { outboxRetentionMs: 10 * day });
    expect(await partitions('outbox')).toContain(old);

    await maintainPartitions(database.sql, { outboxRetentionMs: 2 * day });
    expect(await partitions('outbox')).not.toContain(old);
    expect(await partitions('outbox')).toContain(partitionName('outbox', -1));
  });

  it('M16 drops several days, but only those that the slowest relay has passed', async () => {
    await database.sql.query(
      "SELECT create_day_partitions('outbox', (now() AT TIME ZONE 'UTC')::date - 6, 6)",
    );
    await write(-5);
    await write(-4);
    await pass();
    await database.sql.query(
      `INSERT INTO relay_cursor (name, incarnation, position) SELECT 'other', id, 1 FROM store_incarnation`,
    );
    await maintainPartitions(database.sql);
    expect(await partitions('outbox')).not.toContain(partitionName('outbox', -6));
    expect(await partitions('outbox')).not.toContain(partitionName('outbox', -5));
    expect(await partitions('outbox')).toContain(partitionName('outbox', -4));

    await pass();
    await maintainPartitions(database.sql);
    expect(await partitions('outbox')).not.toContain(partitionName('outbox', -4));
  });

  it('M16 detects that a day is over and drops it without reading its rows', async () => {
    await database.sql.query(
      "SELECT create_day_partitions('outbox', (now() AT TIME ZONE 'UTC')::date - 4, 4)",
    );
    const old = partitionName('outbox', -4);
    await database.sql.query(
      `INSERT INTO outbox (id, topic, created_at)
       SELECT gen_random_uuid(), 't', now() - interval '4 days' FROM generate_series(1, 5000)`,
    );
    await database.sql.query(`ANALYZE ${old}`);
    await pass();
    const { oid } = (await database.sql.query<{ oid: number }>(`SELECT '${old}'::regclass::oid AS oid`))
      .rows[0]!;
    /** Returns the answer and the number of rows that scans of the day read for it. */
    const readBy = (statement: string, values: readonly unknown[]) =>
      database.sql.transaction(async (transaction) => {
        const read = async () => {
          const counted = 'SELECT pg_stat_get_xact_tuples_returned($1)::integer AS read';
          return (await transaction.query<{ read: number }>(counted, [oid])).rows[0]!.read;
        };
        const before = await read();
        const { rows } = await transaction.query(statement, [...values]);
        return { ...rows[0], rowsRead: (await read()) - before };
      });

    expect(await readBy(`SELECT count(*)::integer AS result FROM ${old}`, [])).toEqual({
      result: 5000,
      rowsRead: 5000,
    });
    expect(await readBy(outboxDayThatIsOver, [3 * day])).toEqual({ day: old, rowsRead: 0 });
    expect(await readBy(dropOutboxDay, [old])).toEqual({ dropped: true, rowsRead: 0 });
  });

  it('is not blocked by a row that is dated far ahead', async () => {
    await write(400);
    await write(-90);
    await pass();
    await maintainPartitions(database.sql);

    const { rows } = await database.sql.query<{ future: boolean }>(
      'SELECT created_at > now() AS future FROM outbox_default',
    );
    expect(rows).toEqual([{ future: true }]);
  });

  it('makes no partition for a day with rows in the default partition, and deletes those rows once they are old', async () => {
    await write(40);
    expect((await database.sql.query('SELECT * FROM outbox_default')).rowCount).toBe(1);
    await maintainPartitions(database.sql, { partitionDaysAhead: 42 });
    expect(await partitions('outbox')).not.toContain(partitionName('outbox', 40));
    expect(await partitions('outbox')).toContain(partitionName('outbox', 41));

    await database.sql.query("UPDATE outbox_default SET created_at = now() - interval '90 days'");
    await maintainPartitions(database.sql);
    expect((await database.sql.query('SELECT * FROM outbox_default')).rowCount).toBe(1);
    await pass();
    await maintainPartitions(database.sql);
    expect((await database.sql.query('SELECT * FROM outbox_default')).rowCount).toBe(0);
  });

  it('gives up after a moment instead of making writers wait behind it', async () => {
    await database.sql.query(
      "SELECT create_day_partitions('outbox', (now() AT TIME ZONE 'UTC')::date - 5, 5)",
    );
    await pass();
    const writer = await database.pool.connect();
    await writer.query('BEGIN');
    await writer.query("INSERT INTO outbox (id, topic) VALUES (gen_random_uuid(), 't')");

    await expect(maintainPartitions(database.sql)).rejects.toMatchObject({ code: '55P03' });

    await writer.query('COMMIT');
    writer.release();
    await pass();
    await maintainPartitions(database.sql);
    expect(await partitions('outbox')).not.toContain(partitionName('outbox', -4));
  });
});
