import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { externalCallFigures, requestExternalCall } from '../external-calls/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { outboxFigures, pendingRowsMax } from './figures.ts';

describe('the pending work in a database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  beforeEach(() => database.sql.query('TRUNCATE outbox, external_call'));
  afterAll(() => database.drop());

  const writes = (count: number) =>
    database.sql.query(
      `INSERT INTO outbox (id, topic, key) SELECT gen_random_uuid(), 'notes', n FROM generate_series(1, $1) AS n`,
      [count],
    );
  const published = (position: bigint) =>
    database.sql.query('UPDATE relay_cursor SET position = $1', [String(position)]);
  const lastPosition = async () => {
    const { rows } = await database.sql.query<{ last: string }>(
      'SELECT last_value AS last FROM outbox_position_sequence',
    );
    return BigInt(rows[0]?.last ?? 0);
  };

  it('is none if everything is published', async () => {
    await writes(2);
    await published(await lastPosition());

    expect(await outboxFigures(database.sql)).toEqual({ pending: 0, oldestAgeMs: 0 });
    expect(await externalCallFigures(database.sql)).toEqual([]);
  });

  it('includes every row after the cursor, with the age of the oldest', async () => {
    await writes(2);
    await published(await lastPosition());
    await writes(3);
    await database.sql.query(
      `UPDATE outbox SET created_at = created_at - interval '40 seconds' WHERE position = $1`,
      [String((await lastPosition()) - 2n)],
    );

    expect(await outboxFigures(database.sql)).toEqual({
      pending: 3,
      oldestAgeMs: expect.closeTo(40_000, -4),
    });
  });

  it('is counted up to a limit', async () => {
    await writes(pendingRowsMax + 1);

    expect(await outboxFigures(database.sql)).toMatchObject({ pending: pendingRowsMax });
  });

  it('includes every call without a result, by kind', async () => {
    const metadata = { correlationId: 'story', causationId: 'command' };
    for (const [kind, key] of [
      ['card', '1'],
      ['card', '2'],
      ['mail', '1'],
    ] as const)
      await database.sql.transaction((transaction) =>
        requestExternalCall(transaction, { kind, key, payload: {}, metadata }),
      );
    await database.sql.query(
      `UPDATE external_call SET created_at = now() - interval '90 seconds' WHERE kind = 'card' AND key = '1'`,
    );

    expect(await externalCallFigures(database.sql)).toEqual([
      { kind: 'card', pending: 2, oldestAgeMs: expect.closeTo(90_000, -4) },
      { kind: 'mail', pending: 1, oldestAgeMs: expect.any(Number) },
    ]);
  });
});
