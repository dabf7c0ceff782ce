import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from './byte-budget.ts';

function open() {
  const budget = new ByteBudget({ bytesMax: 100 });
  let calls = 0;
  budget.onRoom(() => (calls += 1));
  return { budget, calls: () => calls };
}

describe('bytes held by all connections', () => {
  it('are refused over the limit, except those that exist already and can only be counted', () => {
    const { budget, calls } = open();
    expect(budget.take(90)).toEqual(true);
    expect(budget.take(20)).toEqual(false);
    expect(budget.used).toEqual(90);
    budget.add(20);
    expect(budget.hasRoom).toEqual(false);
    expect(budget.isExceeded).toEqual(true);
    budget.release(50);
    expect(budget.hasRoom).toEqual(true);
    expect(budget.isExceeded).toEqual(false);
    expect(calls()).toEqual(1);
  });

  it('of a connection that was closed make room once they are freed, not before', () => {
    const { budget, calls } = open();
    budget.add(110);
    budget.dismiss(60);
    expect(budget.isExceeded).toEqual(false);
    expect(budget.hasRoom).toEqual(false);
    expect(calls()).toEqual(0);
    budget.free(60);
    expect(budget.used).toEqual(50);
    expect(budget.hasRoom).toEqual(true);
    expect(calls()).toEqual(1);
  });

  it('that are foreseen take room for one turn of the event loop', async () => {
    const { budget, calls } = open();
    budget.foresee(60);
    expect(budget.hasRoom).toBe(true);
    budget.foresee(60);
    expect(budget.hasRoom).toEqual(false);
    expect(budget.isExceeded).toEqual(false);
    await setImmediate();
    expect(budget.hasRoom).toEqual(true);
    expect(calls()).toEqual(1);
  });
});
