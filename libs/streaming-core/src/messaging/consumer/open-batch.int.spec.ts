import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { migrate, streamingCoreMigrations, type SqlTransaction } from '../../postgres/index.ts';
import { uuidV7TimeMs } from '../../contract/index.ts';
import type { OffsetRow } from './offset-store.ts';
import { openBatch, type InboxMessage } from './open-batch.ts';
import { waitForLock } from './runtime.bench.ts';

describe('opening a batch', () => {
  let database: TestDatabase;
  let partitions = 0;
  const message = (id = v7(), source = '/millrace/test') => ({ id, source });
  const identity = { clusterId: 'cluster', topicId: '00000000-0000-4000-8000-000000000001', partitions: 1 };

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  /** A partition at offset 0 that is owned with epoch 1. */
  async function ownedPartition(group: string): Promise<OffsetRow> {
    partitions += 1;
    const row = { group, topic: 'notes', partition: partitions, identity, epoch: 1n };
    await database.sql.query(
      'INSERT INTO consumer_offset (consumer_group, cluster_id, topic_id, partition, topic, next_offset) VALUES ($1, $2, $3, $4, $5, 0)',
      [group, identity.clusterId, identity.topicId, row.partition, row.topic],
    );
    return row;
  }

  const step = (row: OffsetRow) => ({ row, from: 0n, to: 1n });
  const open = async <M extends InboxMessage>(
    group: string,
    messages: readonly M[],
    inside?: SqlTransaction,
  ) => {
    const steps = [step(await ownedPartition(group))] as const;
    return inside === undefined
      ? database.sql.transaction((transaction) => openBatch(transaction, steps, messages))
      : openBatch(inside, steps, messages);
  };
  const offsetsOf = async (group: string) =>
    (
      await database.sql.query<{ next_offset: string }>(
        'SELECT next_offset FROM consumer_offset WHERE consumer_group = $1 ORDER BY partition',
        [group],
      )
    ).rows.map(({ next_offset }) => Number(next_offset));

  it('identifies a message by group, source and id', async () => {
    const first = message();
    const again = { ...first };
    const elsewhere = message(first.id, '/millrace/other');

    expect(await open('a', [first, elsewhere])).toEqual(new Set([first, elsewhere]));
    expect(await open('a', [again])).toEqual(new Set());
    expect(await open('b', [again])).toEqual(new Set([again]));
  });

  it('returns only the first of the copies within one call, whatever the case of the id', async () => {
    const first = message();
    const second = message();
    const copy = message(first.id.toUpperCase());
    const fresh = await open('copies', [first, second, copy]);

    expect([...fresh]).toEqual([first, second]);
    expect(fresh.has(first)).toBe(true);
    expect(fresh.has(copy)).toBe(false);
  });

  it('leaves nothing behind when its transaction is rolled back', async () => {
    const one = message();
    await expect(
      database.sql.transaction(async (transaction) => {
        await open('rolled-back', [one], transaction);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');

    expect((await open('rolled-back', [one])).size).toBe(1);
  });

  it('takes the time from the id, so that all copies of a message are in one partition of the inbox', async () => {
    const year2020 = '016f5e66-e800-7000-8000-000000000000'; // 2020-01-01
    const farAhead = 'ffffffff-ffff-7fff-8fff-ffffffffffff';
    expect(new Date(uuidV7TimeMs(year2020)).toISOString()).toBe('2020-01-01T00:00:00.000Z');
    for (const id of [year2020, farAhead]) {
      expect((await open('ages', [message(id)])).size).toBe(1);
      expect((await open('ages', [message(id)])).size).toBe(0);
    }
    await open('ages', [message()]);

    const { rows } = await database.sql.query<{ part: string }>(
      "SELECT tableoid::regclass::text AS part FROM inbox WHERE consumer_group = 'ages' ORDER BY time",
    );
    expect(rows.map(({ part }) => part)).toEqual([
      'inbox_default',
      expect.stringMatching(/^inbox_\d{8}$/),
      'inbox_default',
    ]);
  });

  it('makes a second transaction with the same message wait, and then reports the message as known', async () => {
    const one = message();
    let second: Promise<ReadonlySet<unknown>> | undefined;
    await database.sql.transaction(async (transaction) => {
      await open('race', [one], transaction);
      second = open('race', [one]);
      await waitForLock(database);
    });

    expect((await second)?.size).toBe(0);
  });

  it.each([
    ['epoch', { epoch: 2n }],
    ['offset', {}],
  ])(
    'is rejected as a whole if the %s of one of its partitions differs, and inserts no message',
    async (what, change) => {
      const group = `refused-${what}`;
      const fine = await ownedPartition(group);
      const moved = await ownedPartition(group);
      const one = message();
      const moves = [
        step(fine),
        { ...step({ ...moved, ...change }), ...(what === 'offset' ? { from: 7n } : {}) },
      ] as const;
      await expect(
        database.sql.transaction((transaction) => openBatch(transaction, moves, [one])),
      ).rejects.toMatchObject({ code: 'fenced' });

      expect(await offsetsOf(group)).toEqual([0, 0]);
      expect((await open(group, [one])).size).toBe(1);
    },
  );

  it('is rejected if a successor raised the epoch while it waited for the lock', async () => {
    const row = await ownedPartition('overtaken');
    let late: Promise<unknown> = Promise.resolve();
    await database.sql.transaction(async (transaction) => {
      await transaction.query(
        "UPDATE consumer_offset SET assignment_epoch = 2 WHERE consumer_group = 'overtaken'",
      );
      late = database.sql.transaction((transaction) => openBatch(transaction, [step(row)], [message()]));
      late.catch(() => undefined);
      await waitForLock(database);
    });

    await expect(late).rejects.toMatchObject({ code: 'fenced' });
    expect(await offsetsOf('overtaken')).toEqual([0]);
  });

  it('reads the offset rows of its group about once, even if the table has never been analyzed', async () => {
    const rows: OffsetRow[] = [];
    for (let partition = 0; partition < 60; partition += 1) rows.push(await ownedPartition('large'));
    const [first, second] = rows;
    const read = await database.sql.transaction(async (transaction) => {
      // The view also counts earlier transactions of the connection, until it reports them.
      const readSoFar = async () => {
        const counted = await transaction.query<{ read: string }>(
          `SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_xact_user_tables
           WHERE relname = 'consumer_offset'`,
        );
        return Number(counted.rows[0]?.read);
      };
      await transaction.query('SET LOCAL plan_cache_mode = force_generic_plan');
      const before = await readSoFar();
      await openBatch(transaction, [step(first!), step(second!)], [message()]);
      return (await readSoFar()) - before;
    });

    expect(read).toBeGreaterThanOrEqual(2);
    expect(read).toBeLessThan(4 * rows.length);
  });

  it('M12 never deadlocks two transactions with common messages and partitions in opposite orders', async () => {
    for (let round = 0; round < 20; round += 1) {
      const group = `order-${round}`;
      const first = await ownedPartition(group);
      const second = await ownedPartition(group);
      const messages = Array.from({ length: 50 }, () => message());
      const outcomes = await Promise.allSettled([
        database.sql.transaction((transaction) =>
          openBatch(transaction, [step(first), step(second)], messages),
        ),
        database.sql.transaction((transaction) =>
          openBatch(transaction, [step(second), step(first)], [...messages].reverse()),
        ),
        open(group, messages),
        open(group, [...messages].reverse()),
      ]);
      const reasons = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : [],
      );
      expect(reasons).toEqual(['fenced']); // the second one finds that the offsets have moved
      const sizes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.size : 0));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(50);
    }
  });
});
