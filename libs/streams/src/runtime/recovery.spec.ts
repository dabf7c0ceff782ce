import { describe, expect, it } from '@jest/globals';
import { RestartBudget } from './recovery.ts';

describe('the restarts after errors', () => {
  it('T13 follow pauses that double, up to 30 s, and end after the tenth within 10 minutes', () => {
    let nowMs = 0;
    const budget = new RestartBudget({ monotonic: () => nowMs });
    const error = new Error('x is undefined');

    const delays = Array.from({ length: 10 }, () => {
      nowMs += 1_000;
      return budget.next(error);
    });

    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
    expect(() => budget.next(error)).toThrow('restarted 10 times within 10 minutes: x is undefined');
  });

  it('start counting again once the earlier ones are older than 10 minutes', () => {
    let nowMs = 0;
    const budget = new RestartBudget({ monotonic: () => nowMs });
    for (let restart = 0; restart < 10; restart += 1) budget.next(new Error('x'));
    nowMs += 599_999;
    expect(() => budget.next(new Error('x'))).toThrow('10 times');

    nowMs += 1;

    expect(budget.next(new Error('x'))).toBe(100);
  });
});
