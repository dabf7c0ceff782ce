import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sagaMigrations } from '@millrace/saga';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';

const statementOf = (name: string): string => readFileSync(join(import.meta.dirname, `${name}.sql`), 'utf8');

describe('the statements of the operations pages', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [
      { library: 'streaming-core', folder: streamingCoreMigrations },
      { library: 'saga', folder: sagaMigrations },
    ]);
  });
  afterAll(() => database.drop());

  const cursor = async () =>
    (
      await database.sql.query<{ incarnation: string; position: string; epoch: string; known: boolean }>(
        `SELECT incarnation, position, epoch, incarnation = (SELECT id FROM store_incarnation) AS known
         FROM relay_cursor`,
      )
    ).rows[0]!;

  it('keep an older database: it has a new id, and its relay stays where it was', async () => {
    await database.sql.query('UPDATE relay_cursor SET position = 7');
    const before = await cursor();

    await database.sql.query(statementOf('keep-an-older-database'));

    const { incarnation, ...after } = await cursor();
    expect(incarnation).not.toBe(before.incarnation);
    expect(after).toEqual({ position: before.position, epoch: before.epoch, known: true });
  });

  it('publish again: its relay begins at the first row, and earlier ones are fenced', async () => {
    await database.sql.query('UPDATE relay_cursor SET position = 7');
    const before = await cursor();

    for (const statement of statementOf('publish-again').split(/;\n/).slice(0, -1))
      await database.sql.query(statement);

    const { incarnation, position, epoch, known } = await cursor();
    expect(incarnation).not.toBe(before.incarnation);
    expect(Number(position)).toBe(0);
    expect(Number(epoch)).toBe(Number(before.epoch) + 1);
    expect(known).toBe(true);
  });

  it('count the sagas in flight by version', async () => {
    await database.sql.query(
      `INSERT INTO saga_instance (definition, saga_id, version, status, needs_attention, start_topic, started_at, updated_at)
       SELECT 'trip', n, 1, CASE n WHEN 1 THEN 'completed' ELSE 'running' END, false, 'trips', now(), now()
       FROM generate_series(1, 3) AS n`,
    );

    const { rows } = await database.sql.query(statementOf('versions-in-flight'));

    expect(rows).toEqual([{ definition: 'trip', version: 1, count: expect.anything() }]);
    expect(Number(rows[0]?.count)).toBe(2);
  });

  it('record since when a group reads a topic, and keep an earlier moment', async () => {
    const since = async () => {
      await database.sql.query(statementOf('read-from-now-on'));
      const { rows } = await database.sql.query<{ since: Date }>(
        "SELECT since FROM consumer_start WHERE consumer_group = 'insurance' AND topic = 'clinic-events'",
      );
      return rows.map((row) => row.since.getTime());
    };
    const first = await since();

    expect(first).toHaveLength(1);
    expect(await since()).toEqual(first);
  });
});
