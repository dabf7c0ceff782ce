import { describe, expect, it } from '@jest/globals';
import { counter } from './counter.fixture.ts';
import { assertNever, isRejected, rejected } from './decider.ts';
import { foldEvents } from './folding.ts';

describe('a decider', () => {
  it('is told apart by what it decided: events, nothing or a rejection', () => {
    expect(isRejected(counter.decide({ type: 'Count', by: 1 }, { total: 0 }))).toBe(false);
    expect(isRejected(counter.decide({ type: 'Rest' }, { total: 0 }))).toBe(false);
    expect(isRejected(counter.decide({ type: 'Count', by: -1 }, { total: 0 }))).toBe(true);
  });

  it('names a rejection and the facts that explain it', () => {
    expect(counter.decide({ type: 'Count', by: -3 }, { total: 2 })).toEqual(
      rejected('negative_total', { total: 2 }),
    );
  });

  it('folds its events from the initial state on', () => {
    expect(foldEvents(counter, [])).toEqual({ total: 0 });
    expect(
      foldEvents(counter, [
        { type: 'Counted', by: 2 },
        { type: 'Counted', by: 3 },
      ]),
    ).toEqual({ total: 5 });
  });

  it('fails loudly on a variant that does not exist', () => {
    expect(() => assertNever({ type: 'Unheard' } as never)).toThrow('unexpected variant: {"type":"Unheard"}');
  });
});
