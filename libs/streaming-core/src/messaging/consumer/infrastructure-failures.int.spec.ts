import { describe, expect, it } from '@jest/globals';
import { v7 } from 'uuid';
import { fakePersonalData } from '@millrace/testing/personal-data';
import type { SqlDatabase } from '../../postgres/index.ts';
import { sealingOutbox } from '../outbox/index.ts';
import { runtimeBench, sqlError, until } from './runtime.bench.ts';

describe('after a failure that no message has caused, the consumer', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset, deadLetters } = bench;

  it.each(['40001', '40P01', '57P01', '08006', '53300', '25P04'])(
    'M08 retries SQLSTATE %s without limit',
    async (code) => {
      note(1);
      let failures = 12;
      const failing = handler(async () => {
        failures -= 1;
        if (failures >= 0) throw new Error('wrapped', { cause: sqlError(code) });
      });
      await runtime(member(), { handlers: [failing] }).start();
      await until(async () => (await offset()) === '1');

      expect(await effects()).toEqual([1]);
      expect(await deadLetters()).toEqual([]);
    },
  );

  it('survives the loss of its connection in the middle of a batch', async () => {
    for (let number = 0; number < 10; number += 1) note(number);
    let killed = false;
    const fragile = handler(async (number, { transaction }) => {
      if (number !== 5 || killed) return;
      killed = true;
      const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await bench.database.sql.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    });
    await runtime(member(), { handlers: [fragile] }).start();
    await until(async () => (await offset()) === '10');

    expect(await effects()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await deadLetters()).toEqual([]);
  });

  it('M11 asks the database whether a COMMIT succeeded whose answer was lost', async () => {
    note(1);
    note(2, { value: 'no JSON' });
    let losses = 0;
    const losing: SqlDatabase = {
      query: (text, values) => bench.database.sql.query(text, values),
      async transaction(work) {
        const result = await bench.database.sql.transaction(work);
        losses += 1;
        if (losses === 2) throw sqlError('ECONNRESET'); // the first transaction took the offset
        return result;
      },
    };
    const consumer = member();
    await runtime(consumer, { database: losing }).start();
    await until(async () => (await offset()) === '2');
    note(3);
    await until(async () => (await offset()) === '3');

    expect(await effects()).toEqual([1, 3]);
    expect(await deadLetters()).toHaveLength(1);
    expect(consumer.rejoins).toBe(0);
  });

  it('waits for the keys of personal data that its effects contain', async () => {
    note(1);
    const personalData = fakePersonalData();
    personalData.isDown = true;
    let attempts = 0;
    const writing = handler(async (_number, { transaction, ...context }) => {
      attempts += 1;
      await sealingOutbox(personalData)(transaction, [
        {
          topic: 'parcels',
          key: 'parcel-1',
          message: { type: 'Noted', personId: 'ada', name: 'Ada' },
          personal: { holder: 'carrier', subject: 'personId', fields: ['name'] },
          attributes: { ...context, id: v7(), type: 'Noted' },
        },
      ]);
    });
    await runtime(member(), { handlers: [writing], limits: { inPlaceMs: 0 } }).start();
    await until(() => attempts > 3);
    expect(await effects()).toEqual([]);

    personalData.isDown = false;
    await until(async () => (await offset()) === '1');

    expect(await effects()).toEqual([1]);
    expect(await deadLetters()).toEqual([]);
  });
});
