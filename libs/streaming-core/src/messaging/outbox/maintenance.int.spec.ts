import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { maintainPartitions } from './maintenance.ts';

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

  it('makes the days ahead, and is the same again when repeated', async () => {
    await maintainPartitions(database.sql, { partitionDaysAhead: 7 });
    await maintainPartitions(database.sql, { partitionDaysAhead: 7 });

    expect(await partitions('outbox')).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6].map((n) => partitionName('outbox', n)),
      'outbox_default',
    ]);
    expect(await partitions('inbox')).toContain(partitionName('inbox', -1));
  });

  it('drops a day once it is over, old enough and passed by the cursor, not before', async () => {
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

  it('takes rows of a day without partition, leaves that day to the default, and empties that when all of it is over', async () => {
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

  it('gives up after a moment rather than making writers queue behind it', async () => {
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
