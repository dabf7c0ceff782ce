import { describe, expect, it } from '@jest/globals';
import { seconds } from '../../../runtime/index.ts';
import { runtimeBench, until } from '../runtime.bench.ts';
import { parkedFigures } from './parked-store.ts';
import { parkingBench } from './parking.bench.ts';

describe('a partition without room for another parked message', () => {
  const bench = runtimeBench();
  const { note, effects, offset } = bench;
  const { started, advance, failing, offsetsParked } = parkingBench(bench);

  const startedWith = async (limits: object) => {
    const made = await started({ limits });
    return { made, full: () => made.status()[0]?.parking?.full };
  };

  it.each([
    ['of its key', { parkedPerKeyMax: 2 }],
    ['of its group', { parkedMessagesMax: 2 }],
  ])(
    'waits at the limit %s, keeps its parked messages, and resumes by itself when there is room',
    async (_, limit) => {
      failing.add(1);
      for (const number of [1, 2, 3, 4]) note(number, { key: 'a' });
      note(5, { key: 'b' });
      const { made, full } = await startedWith(limit);
      await until(() => full() === true);

      expect(await offsetsParked()).toEqual([0, 1]);
      expect(await offset()).toBe('2');
      expect(await effects()).toEqual([]);
      expect(made.status()[0]?.failure?.message).toMatch(/may park 2/);
      failing.clear();
      advance(seconds(5));
      await until(async () => (await offset()) === '5');
      await until(async () => (await effects()).length === 5);
      expect((await effects()).filter((number) => number !== 5)).toEqual([1, 2, 3, 4]);
      expect(await offsetsParked()).toEqual([]);
      await until(() => full() === false);
    },
  );

  it('waits at the limit of bytes and retries the failed message, which may succeed', async () => {
    failing.add(1);
    note(1, { key: 'a' });
    const { full } = await startedWith({ parkedBytesMax: 10 });
    await until(() => full() === true);
    expect(await offset()).toBe('0');

    failing.clear();
    advance(seconds(5));
    await until(async () => (await offset()) === '1');
    expect(await effects()).toEqual([1]);
    expect(full()).toBe(false);
  });

  it('reports its parked keys and messages by topic, and the age of the oldest', async () => {
    failing.add(1).add(3);
    note(1, { key: 'a' });
    note(2, { key: 'a' });
    note(3, { key: 'b' });
    await started();
    await until(async () => (await offset()) === '3');

    const figures = await parkedFigures(bench.database.sql, bench.group);
    expect(figures).toEqual([{ topic: 'notes', keys: 2, messages: 3, oldestAgeMs: expect.any(Number) }]);
    expect(await parkedFigures(bench.database.sql, 'another group')).toEqual([]);
  });
});
