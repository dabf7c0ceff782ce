import { describe, expect, it } from '@jest/globals';
import { counter } from './counter.fixture.ts';
import { assertNever, isRejected, rejected, foldEvents } from './decider.ts';

describe('a decider', () => {
  it('returns events, nothing or a rejection, which a caller can tell apart', () => {
    expect(isRejected(counter.decide({ type: 'Count', by: 1 }, { total: 0 }))).toBe(false);
    expect(isRejected(counter.decide({ type: 'Rest' }, { total: 0 }))).toBe(false);
    expect(isRejected(counter.decide({ type: 'Count', by: -1 }, { total: 0 }))).toBe(true);
  });

  it('returns a rejection with its code and the facts that explain it', () => {
    expect(counter.decide({ type: 'Count', by: -3 }, { total: 2 })).toEqual(
      rejected('negative_total', { total: 2 }),
    );
  });

  it('folds events, beginning with its initial state', () => {
    expect(foldEvents(counter, [])).toEqual({ total: 0 });
    expect(
      foldEvents(counter, [
        { type: 'Counted', by: 2 },
        { type: 'Counted', by: 3 },
      ]),
    ).toEqual({ total: 5 });
  });

  it('throws on an unknown variant', () => {
    expect(() => assertNever({ type: 'Unheard' } as never)).toThrow('unexpected variant: {"type":"Unheard"}');
  });
});
