import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gives, playSchedule, refused } from './schedule.ts';
import type { Work } from './schedule-session.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

describe('a schedule', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query('CREATE TABLE shelf (id integer PRIMARY KEY, units integer NOT NULL)');
  });
  beforeEach(() =>
    database.sql
      .query('DELETE FROM shelf')
      .then(() => database.sql.query('INSERT INTO shelf VALUES (1, 10), (2, 10)')),
  );
  afterAll(() => database.drop());

  const take =
    (id: number, units = 1): Work =>
    async (sql) =>
      (
        await sql.query<{ units: number }>(
          'UPDATE shelf SET units = units - $2 WHERE id = $1 RETURNING units',
          [id, units],
        )
      ).rows[0];
  const left = async () =>
    (await database.sql.query<{ units: number }>('SELECT units FROM shelf ORDER BY id')).rows.map(
      ({ units }) => units,
    );

  it('makes one session wait for the other, and checks the outcome', async () => {
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'takes 3', take(1, 3), gives({ units: 7 })],
      ['b', 'takes 4', take(1, 4), 'waits'],
      ['a', 'commits'],
      ['b', 'goes on', gives({ units: 3 })],
    ]);
    expect(await left()).toEqual([3, 10]);
  });

  it('undoes a transaction that is rolled back, and lets work stop in the middle', async () => {
    const slowly: Work = (sql, hold) =>
      sql.transaction(async (transaction) => {
        await transaction.query('UPDATE shelf SET units = 0 WHERE id = 2');
        await hold();
        throw Object.assign(new Error('no'), { code: 'changed_its_mind' });
      });
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'takes 3', take(1, 3)],
      ['b', 'empties a shelf', slowly, 'holds'],
      ['a', 'takes the rest', take(2), 'waits'],
      ['b', 'goes on', refused('changed_its_mind')],
      ['a', 'goes on', gives({ units: 9 })],
      ['a', 'rolls back'],
    ]);
    expect(await left()).toEqual([10, 10]);
  });

  it('fails at a deadlock', async () => {
    const ring = playSchedule(database, [
      ['a', 'begins'],
      ['b', 'begins'],
      ['a', 'takes', take(1)],
      ['b', 'takes', take(2)],
      ['a', 'takes the other', take(2), 'waits'],
      ['b', 'takes the other', take(1), 'waits'],
    ]);
    await expect(ring).rejects.toThrow('line 6, b takes the other: a deadlock of a, b');
    expect(await left()).toEqual([10, 10]);
  });

  it('fails with the line whose outcome differs', async () => {
    const play = (...steps: Parameters<typeof playSchedule>[1]) => playSchedule(database, steps);
    await expect(play(['a', 'takes', take(1), 'waits'])).rejects.toThrow(
      'line 1, a takes: expected "waits" now, but it is "ended"',
    );
    await expect(play(['a', 'takes', take(1), refused('fenced')])).rejects.toThrow(
      'expected to be refused (fenced), but gave {"units":8}',
    );
    await expect(play(['a', 'takes', take(1), gives({ units: 1 })])).rejects.toThrow(
      'line 1, a takes: gave {"units":7}',
    );
    await expect(play(['a', 'fails', (sql) => sql.query('SELECT 1/0')])).rejects.toThrow('division by zero');
    await expect(play(['a', 'begins'])).rejects.toThrow('a is still in a transaction');
    await expect(play(['a', 'holds', (_sql, hold) => hold(), 'holds'])).rejects.toThrow('a is still holds');
    const blocked = play(['a', 'begins'], ['a', 'takes', take(1)], ['b', 'takes', take(1)]);
    await expect(blocked).rejects.toThrow('line 3, b takes: expected "ended" now, but it is "waits"');
  });
});
