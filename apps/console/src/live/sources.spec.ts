import { describe, expect, it, jest } from '@jest/globals';
import { firstValueFrom, skip, take, toArray } from 'rxjs';
import { Sources } from './sources.ts';

const everyMs = 5;

describe('a source', () => {
  it('is read once for all followers', async () => {
    const sources = new Sources();
    const read = jest.fn(async () => read.mock.calls.length);
    const follow = () =>
      firstValueFrom(sources.follow('figures', { everyMs, read }).pipe(take(3), toArray()));
    const [one, other] = await Promise.all([follow(), follow()]);
    expect(one).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }]);
    expect(other).toEqual(one);
  });

  it('never has two reads at the same time', async () => {
    let reading = 0;
    const read = async () => {
      reading += 1;
      await new Promise((resolve) => setTimeout(resolve, everyMs * 3));
      return reading--;
    };
    const found = await firstValueFrom(
      new Sources().follow('slow', { everyMs, read }).pipe(take(3), toArray()),
    );
    expect(found.map(({ value }) => value)).toEqual([1, 1, 1]);
  });

  it('keeps its last value through a failure, and says why and since when', async () => {
    const answers = ['good', new Error('payment does not answer'), new Error('still not'), 'good again'];
    const read = async () => {
      const next = answers.shift();
      if (next instanceof Error) throw next;
      return next;
    };
    const [first, second, third, fourth] = await firstValueFrom(
      new Sources().follow('services', { everyMs, read }).pipe(take(4), toArray()),
    );
    expect(first).toEqual({ value: 'good' });
    expect(second).toMatchObject({ value: 'good', failure: { reason: 'payment does not answer' } });
    expect(third).toEqual({ value: 'good', failure: { reason: 'still not', since: second?.failure?.since } });
    expect(fourth).toEqual({ value: 'good again' });
  });

  it('gives a new follower the latest reading at once', async () => {
    const sources = new Sources();
    const source = { everyMs: 60_000, read: async () => 'the only reading' };
    const first = sources.follow('figures', source).subscribe();
    await firstValueFrom(sources.follow('figures', source));
    expect(await firstValueFrom(sources.follow('figures', source))).toEqual({ value: 'the only reading' });
    first.unsubscribe();
  });

  it('is read less often while nothing changes in it, and at once again after a change', async () => {
    jest.useFakeTimers();
    const quiet = { afterMs: 1_000, everyMs: 500 };
    let value = 1;
    const read = jest.fn(async () => ({ value }));
    const readsIn = async (ms: number) => {
      read.mockClear();
      await jest.advanceTimersByTimeAsync(ms);
      return read.mock.calls.length;
    };
    const following = new Sources().follow('order', { everyMs: 100, quiet, read }).subscribe();
    try {
      expect(await readsIn(1_000)).toBeGreaterThanOrEqual(10);
      expect(await readsIn(5_000)).toBeLessThanOrEqual(11);
      value = 2;
      await jest.advanceTimersByTimeAsync(quiet.everyMs);
      expect(await readsIn(400)).toBe(4);
    } finally {
      following.unsubscribe();
      jest.useRealTimers();
    }
  });

  it('has separate readings under another name', async () => {
    const sources = new Sources();
    const one = firstValueFrom(sources.follow('one', { everyMs, read: async () => 1 }).pipe(skip(1)));
    const two = firstValueFrom(sources.follow('two', { everyMs, read: async () => 2 }).pipe(skip(1)));
    expect(await one).toEqual({ value: 1 });
    expect(await two).toEqual({ value: 2 });
  });
});
