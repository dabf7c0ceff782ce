import { describe, expect, it } from '@jest/globals';
import type { Rebuild } from '../../api/projections.ts';
import { actionsOf, partDone, progressSentence, stateOf } from './rebuild-model.ts';

const rebuild: Rebuild = {
  projection: 'order_summary',
  version: 1,
  paused: false,
  startedAt: '2026-11-22T09:00:00Z',
  revision: 3,
  position: '250',
  last: '1000',
  lagEvents: 750,
  lagMs: 60_000,
  eventsPerSecond: 100,
  remainingMs: 7_500,
};

describe('a rebuild', () => {
  it.each([
    [null, 'in_use', ['rebuild']],
    [rebuild, 'rebuilding', ['pause', 'cancel']],
    [{ ...rebuild, paused: true }, 'paused', ['resume', 'cancel']],
  ])('%#. offers what its state allows', (one, state, actions) => {
    expect(stateOf(one)).toBe(state);
    expect(actionsOf(one)).toEqual(actions);
  });

  it('describes its progress, and its remaining time if that is known', () => {
    expect(progressSentence(rebuild)).toBe('25 %, 750 events left, 100/s, about 7.5 s to go');
    expect(progressSentence({ ...rebuild, remainingMs: null, eventsPerSecond: 0 })).toBe(
      '25 %, 750 events left',
    );
    expect(progressSentence({ ...rebuild, paused: true })).toBe('25 %, 750 events left');
  });

  it('of no events is done', () => {
    expect(partDone({ position: '0', last: '0' })).toBe(1);
  });
});
