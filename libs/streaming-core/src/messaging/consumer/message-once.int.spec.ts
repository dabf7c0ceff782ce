import { afterAll, beforeAll, describe, it } from '@jest/globals';
import {
  createTestDatabase,
  gives,
  playSchedule,
  type TestDatabase,
  type Work,
} from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { takeOffset } from './offset-store.ts';
import { openBatch, type InboxMessage } from './open-batch.ts';

/**
 * Plays schedules of the inbox step by step, with the same message in two transactions of different
 * partitions.
 */
describe('P02 a message in two transactions', () => {
  let database: TestDatabase;
  let partition = 0;
  const identity = {
    clusterId: 'cluster-1',
    topicId: '00000000-0000-4000-8000-000000000001',
    partitions: 100,
  };
  const message = (id = v7(), source = '/millrace/test') => ({ id, source });

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  /** Opens a batch and returns the ids that were new. */
  const opens =
    (group: string, ...messages: readonly InboxMessage[]): Work =>
    async (sql) => {
      partition += 1;
      const { row } = await takeOffset(database.sql, group, { topic: 'notes', partition }, identity, 0n);
      return [
        ...(await sql.transaction((transaction) =>
          openBatch(transaction, [{ row, from: 0n, to: 1n }], messages),
        )),
      ].map(({ id }) => id);
    };

  it('is a duplicate for the second one if the first commits, whatever the case of its id', async () => {
    const one = message();
    const other = message();
    const inCapitals = message(one.id.toUpperCase());
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'opens a batch with it', opens('race', one), gives([one.id])],
      ['b', 'begins'],
      ['b', 'opens a batch with it and another', opens('race', other, inCapitals), 'waits'],
      ['a', 'commits'],
      ['b', 'goes on', gives([other.id])],
      ['b', 'commits'],
      ['a', 'opens a batch with both', opens('race', one, other), gives([])],
    ]);
  });

  it('is new for the second one if the first rolls back', async () => {
    const one = message();
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'opens a batch with it', opens('back', one), gives([one.id])],
      ['b', 'opens a batch with it', opens('back', one), 'waits'],
      ['a', 'rolls back'],
      ['b', 'goes on', gives([one.id])],
      ['a', 'opens a batch with it', opens('back', one), gives([])],
    ]);
  });

  it('is new only once among copies within a batch, even while another transaction holds it', async () => {
    const one = message();
    const copies = [one, message(one.id.toUpperCase()), { ...one }];
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'opens a batch with three copies', opens('copies', ...copies), gives([one.id])],
      ['b', 'opens a batch with two', opens('copies', ...copies.slice(1)), 'waits'],
      ['a', 'rolls back'],
      ['b', 'goes on', gives([one.id.toUpperCase()])],
    ]);
  });

  it('is a different message for another group, or from another source', async () => {
    const one = message();
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'opens a batch with it', opens('group', one), gives([one.id])],
      ['b', 'opens one for another group', opens('another', one), gives([one.id])],
      [
        'b',
        'opens one with its namesake',
        opens('group', message(one.id, '/millrace/other')),
        gives([one.id]),
      ],
      ['a', 'commits'],
    ]);
  });

  it('P07 is inserted in a fixed order, so that a transaction that waits for its first message holds none of the others', async () => {
    const early = message();
    const late = message();
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'opens a batch with the early one', opens('sorted', early)],
      ['b', 'opens one with both, the late one first', opens('sorted', late, early), 'waits'],
      ['c', 'opens one with the late one', opens('sorted', late), gives([late.id])],
      ['a', 'commits'],
      ['b', 'goes on', gives([])],
    ]);
  });
});
