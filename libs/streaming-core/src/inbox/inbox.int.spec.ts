import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { migrate, streamingCoreMigrations } from '../postgres/index.ts';
import { recordInInbox } from './inbox.ts';
import { uuidV7TimeMs } from './message-time.ts';

describe('the inbox', () => {
  let database: TestDatabase;
  const message = (id = v7(), source = '/millrace/test') => ({ id, source });

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  it('knows a message by group, source and id', async () => {
    const first = message();
    const again = { ...first };
    const elsewhere = message(first.id, '/millrace/other');

    expect(await recordInInbox(database.sql, 'a', [first, elsewhere])).toEqual(new Set([first, elsewhere]));
    expect(await recordInInbox(database.sql, 'a', [again])).toEqual(new Set());
    expect(await recordInInbox(database.sql, 'b', [again])).toEqual(new Set([again]));
  });

  it('takes the first of copies within one call, whatever the case of its id', async () => {
    const [first, second] = [message(), message()];
    const copy = message(first.id.toUpperCase());
    const fresh = await recordInInbox(database.sql, 'copies', [first, second, copy]);

    expect([...fresh]).toEqual([first, second]);
    expect(fresh.has(first)).toBe(true);
    expect(fresh.has(copy)).toBe(false);
  });

  it('forgets what was rolled back', async () => {
    const one = message();
    await expect(
      database.sql.transaction(async (transaction) => {
        await recordInInbox(transaction, 'rolled-back', [one]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');

    expect((await recordInInbox(database.sql, 'rolled-back', [one])).size).toBe(1);
  });

  it('takes the time from the id, so that a message of any age has its one partition', async () => {
    const year2020 = '016f5e66-e800-7000-8000-000000000000'; // 2020-01-01
    const farAhead = 'ffffffff-ffff-7fff-8fff-ffffffffffff';
    expect(new Date(uuidV7TimeMs(year2020)).toISOString()).toBe('2020-01-01T00:00:00.000Z');
    for (const id of [year2020, farAhead]) {
      expect((await recordInInbox(database.sql, 'ages', [message(id)])).size).toBe(1);
      expect((await recordInInbox(database.sql, 'ages', [message(id)])).size).toBe(0);
    }
    await recordInInbox(database.sql, 'ages', [message()]);

    const { rows } = await database.sql.query<{ part: string }>(
      "SELECT tableoid::regclass::text AS part FROM inbox WHERE consumer_group = 'ages' ORDER BY time",
    );
    expect(rows.map(({ part }) => part)).toEqual(['inbox_default', expect.stringMatching(/^inbox_\d{8}$/), 'inbox_default']);
  });

  it('makes a second transaction with the same message wait, and then tells it that the message is known', async () => {
    const one = message();
    let second: Promise<ReadonlySet<unknown>> | undefined;
    await database.sql.transaction(async (transaction) => {
      await recordInInbox(transaction, 'race', [one]);
      second = recordInInbox(database.sql, 'race', [one]);
      const waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
      while ((await database.sql.query(waiting)).rowCount === 0);
    });

    expect((await second)?.size).toBe(0);
  });

  it('never deadlocks two transactions that have messages in common in opposite orders', async () => {
    for (let round = 0; round < 20; round += 1) {
      const messages = Array.from({ length: 50 }, () => message());
      const sizes = await Promise.all([
        recordInInbox(database.sql, `order-${round}`, messages),
        recordInInbox(database.sql, `order-${round}`, [...messages].reverse()),
      ]);
      expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBe(50);
    }
  });
});
