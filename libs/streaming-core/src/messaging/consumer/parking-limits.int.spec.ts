import { describe, expect, it } from '@jest/globals';
import { seconds, silentLogger } from '../../runtime/index.ts';
import { runtimeBench, until } from './runtime.bench.ts';
import { parkedFigures } from './parked-store.ts';
import { parkingBench } from './parking.bench.ts';

describe('a partition without room for another parked message', () => {
  const bench = runtimeBench();
  const { note, effects, offset } = bench;
  const { started, advance, failing, tried, offsetsParked } = parkingBench(bench);

  const startedWith = async (limits: object) => {
    const made = await started({ limits });
    return { made, full: () => made.status()[0]?.parking?.full };
  };

  it.each([
    ['of its key', { parkedPerKeyMax: 2 }],
    ['of its group', { parkedMessagesMax: 2 }],
  ])(
    'M43 waits at the limit %s, keeps its parked messages, and resumes by itself when there is room',
    async (_, limit) => {
      failing.add(1);
      for (const number of [1, 2, 3, 4]) note(number, { key: 'a' });
      note(5, { key: 'b' });
      const { made, full } = await startedWith(limit);
      await until(() => full() === true);

      expect(await offsetsParked()).toEqual([0, 1]);
      expect(await offset()).toBe('2');
      expect(await effects()).toEqual([]);
      expect(made.status()[0]?.failure?.message).toMatch(/may park at most 2/);
      failing.clear();
      advance(seconds(5));
      await until(async () => (await offset()) === '5');
      await until(async () => (await effects()).length === 5);
      expect((await effects()).filter((number) => number !== 5)).toEqual([1, 2, 3, 4]);
      expect(await offsetsParked()).toEqual([]);
      await until(() => full() === false);
    },
  );

  it('M43 waits at the limit of bytes and retries the failed message, which may succeed', async () => {
    failing.add(1);
    note(1, { key: 'a' });
    const { full } = await startedWith({ parkedBytesMax: 10 });
    await until(() => full() === true);
    expect(await offset()).toBe('0');

    failing.clear();
    advance(seconds(5));
    await until(async () => (await offset()) === '1');
    expect(await effects()).toEqual([1]);
    await until(() => full() === false);
  });

  it('logs that there is room only once the message is parked or handled', async () => {
    const lines: string[] = [];
    const line = (_fields: object, message: string) => void lines.push(message);
    const logger = { ...silentLogger, info: line, warn: line };
    const triesOf = (number: number) => tried.filter((each) => each === number).length;
    failing.add(1).add(2);
    note(1, { key: 'a' });
    const limits = { parkedMessagesMax: 1, inPlaceMs: seconds(10) };
    await started({ limits, logger });
    await until(() => tried.length > 1);
    advance(seconds(10));
    await until(async () => (await offset()) === '1');
    note(2, { key: 'b' });
    await until(() => lines.includes('there is no room to park a message; the partition waits'));
    failing.delete(1);
    advance(seconds(5));
    await until(async () => (await effects()).length === 1);
    const before = triesOf(2);
    await until(() => triesOf(2) > before + 1); // without a parked key, the message is retried in place

    const recoveries = () => lines.filter((each) => each.startsWith('there is room to park messages again'));
    expect(recoveries()).toEqual([]);
    failing.clear();
    await until(async () => (await offset()) === '2');
    await until(() => recoveries().length === 1);
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
