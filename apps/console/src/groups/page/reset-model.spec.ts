import { describe, expect, it } from '@jest/globals';
import { deltaOf, orderOf } from './reset-model.ts';

describe('a reset of offsets', () => {
  it.each([
    [{ mode: 'to-earliest', value: '', topic: '' } as const, { reset: { mode: 'to-earliest' }, topics: [] }],
    [
      { mode: 'to-offset', value: '12', topic: 'orders' } as const,
      { reset: { mode: 'to-offset', offset: 12 }, topics: ['orders'] },
    ],
    [
      { mode: 'shift-by', value: '-5', topic: '' } as const,
      { reset: { mode: 'shift-by', by: -5 }, topics: [] },
    ],
    [
      { mode: 'to-datetime', value: '2026-11-22T09:00:00', topic: '' } as const,
      { reset: { mode: 'to-datetime', time: '2026-11-22T09:00:00.000Z' }, topics: [] },
    ],
  ])('is ordered by %j', (form, order) => {
    expect(orderOf(form)).toEqual(order);
  });

  it('refuses a value that makes no sense', () => {
    expect(() => orderOf({ mode: 'to-offset', value: 'x', topic: '' })).toThrow('Give a whole number');
    expect(() => orderOf({ mode: 'to-datetime', value: '', topic: '' })).toThrow('Give a time');
  });

  it('shows each difference with its sign', () => {
    expect(deltaOf({ from: 2, to: 5 })).toBe('+3');
    expect(deltaOf({ from: 5, to: 2 })).toBe('-3');
    expect(deltaOf({ from: null, to: 2 })).toBe('new');
  });
});
