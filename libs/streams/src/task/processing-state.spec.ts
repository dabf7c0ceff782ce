import { describe, expect, it } from '@jest/globals';
import { Punctuations } from './processing-state.ts';

function recorded() {
  const punctuations = new Punctuations();
  const times: string[] = [];
  const schedule = (name: string, firstMs: number, intervalMs: number) =>
    punctuations.schedule(firstMs, intervalMs, (timestampMs) => times.push(`${name}@${timestampMs}`));
  return { punctuations, times, schedule };
}

describe('punctuations', () => {
  it('run once for all intervals that have passed, and then at the next multiple', () => {
    const { punctuations, times, schedule } = recorded();
    schedule('a', 0, 10);

    for (const nowMs of [3, 9, 10, 35, 39, 40]) punctuations.runUntil(nowMs);

    expect(times).toEqual(['a@3', 'a@10', 'a@35', 'a@40']);
  });

  it('run in the order in which they are due', () => {
    const { punctuations, times, schedule } = recorded();
    schedule('late', 9, 10);
    schedule('early', 4, 10);

    expect(punctuations.runUntil(3)).toBe(false);
    expect(punctuations.runUntil(9)).toBe(true);

    expect(times).toEqual(['early@9', 'late@9']);
  });

  it('can be run one by one, so that other work can run between them', () => {
    const { punctuations, times, schedule } = recorded();
    schedule('late', 9, 10);
    schedule('early', 4, 10);

    expect(punctuations.runNext(9)).toBe(true);
    expect(times).toEqual(['early@9']);
    expect(punctuations.runNext(9)).toBe(true);
    expect(punctuations.runNext(9)).toBe(false);
    expect(times).toEqual(['early@9', 'late@9']);
  });

  it('run in the same turn if a running one schedules them for now', () => {
    const { punctuations, times, schedule } = recorded();
    const first = punctuations.schedule(0, 10, () => {
      first.cancel();
      schedule('new', 0, 10);
    });

    expect(punctuations.runUntil(5)).toBe(true);
    expect(times).toEqual(['new@5']);
  });

  it('do not run after they were cancelled, even by another one that is due', () => {
    const { punctuations, times, schedule } = recorded();
    punctuations.schedule(0, 1, () => second.cancel());
    const second = schedule('second', 1, 1);

    punctuations.runUntil(1);

    expect(times).toEqual([]);
  });

  it('need an interval of at least a millisecond', () => {
    const { schedule } = recorded();

    expect(() => schedule('a', 0, 0)).toThrow(
      'A punctuation needs an interval of whole milliseconds from 1, got 0',
    );
  });
});
