import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from './byte-budget.ts';

function open() {
  const budget = new ByteBudget({ bytesMax: 100 });
  let calls = 0;
  budget.onRoom(() => (calls += 1));
  return { budget, calls: () => calls };
}

describe('bytes that all connections share', () => {
  it('are refused when they would be too many, and one that cannot be refused may go beyond the limit', () => {
    const { budget, calls } = open();
    expect([budget.take(90), budget.take(20), budget.used]).toEqual([true, false, 90]);
    budget.add(20);
    expect([budget.hasRoom, budget.isExceeded]).toEqual([false, true]);
    budget.release(50);
    expect([budget.hasRoom, budget.isExceeded, calls()]).toEqual([true, false, 1]);
  });

  it('of somebody who was sent away make room when they are free, not before', () => {
    const { budget, calls } = open();
    budget.add(110);
    budget.dismiss(60);
    expect([budget.isExceeded, budget.hasRoom, calls()]).toEqual([false, false, 0]);
    budget.free(60);
    expect([budget.used, budget.hasRoom, calls()]).toEqual([50, true, 1]);
  });

  it('that are foreseen leave no room in this turn', async () => {
    const { budget, calls } = open();
    budget.foresee(60);
    expect(budget.hasRoom).toBe(true);
    budget.foresee(60);
    expect([budget.hasRoom, budget.isExceeded]).toEqual([false, false]);
    await setImmediate();
    expect([budget.hasRoom, calls()]).toEqual([true, 1]);
  });
});
