import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { hours, silentLogger } from '@millrace/streaming-core/runtime';
import { migrate } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { chassisMigrations } from '../../database/required-migrations.ts';
import { forgetWorker } from './idempotency.module.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.sql, [chassisMigrations]);
});
afterAll(() => database.drop());

const until = within(20_000);

const kept = async (): Promise<number> =>
  Number((await database.sql.query('SELECT count(*) FROM idempotency_key')).rows[0]?.count);

async function keep(name: string, expiresIn: string): Promise<void> {
  const hash = createHash('sha256').update(name).digest();
  await database.sql.query(
    `INSERT INTO idempotency_key (id, fingerprint, route, status, headers, body, expires_at)
     VALUES ($1, $1, 'POST /x', 200, '{}', '', clock_timestamp() + $2::interval)`,
    [hash, expiresIn],
  );
}

describe('expired answers', () => {
  it('I07 are deleted in slices while current ones stay, and a row that is being renewed blocks nothing', async () => {
    for (let n = 0; n < 7; n++) await keep(`old ${n}`, '-1 second');
    await keep('being renewed', '-1 hour');
    await keep('young', '1 hour');
    const client = await database.pool.connect();
    const slices: number[] = [];
    await client.query(
      `BEGIN; UPDATE idempotency_key SET body = 'again' WHERE expires_at < now() - interval '30 minutes'`,
    );
    const counting = {
      ...database.sql,
      query: (async (text, values) => {
        const result = await database.sql.query(text, values);
        slices.push(result.rowCount);
        return result;
      }) as TestDatabase['sql']['query'],
    };
    const worker = forgetWorker({
      database: counting,
      logger: silentLogger,
      sliceRowsMax: 3,
      betweenSlicesMs: 1,
      wakeEveryMs: hours(1),
    });
    await worker.start();
    await until(() => slices.length === 3);
    await worker.stop();
    expect(slices).toEqual([3, 3, 1]);
    expect(await kept()).toEqual(2);
    await client.query('ROLLBACK');
    client.release();
  });
});
