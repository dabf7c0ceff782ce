import { describe, expect, it } from '@jest/globals';
import { earlierOf, eventsMax, withEarlier, withLatest } from './history-model.ts';

/** The events of these versions, each with its version as its type. */
const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ type: String(from + index), at: '' }));

describe('the history of a saga', () => {
  it('has the latest events, and then earlier ones', () => {
    const latest = withLatest(undefined, events(1_001, 2_000), 2_000);
    expect(latest.first).toBe(1_001);
    expect(earlierOf(latest)).toBe(1_000);

    const all = withEarlier(latest, events(1, 1_000), 1_001);
    expect(all).toEqual({ first: 1, events: events(1, 2_000) });
    expect(earlierOf(all)).toBe(0);
  });

  it('keeps its events when later ones come', () => {
    const read = withEarlier(withLatest(undefined, events(11, 20), 20), events(6, 10), 11);
    expect(withLatest(read, events(13, 22), 22)).toEqual({ first: 6, events: events(6, 22) });
    expect(withLatest(read, events(11, 20), 20)).toEqual(read);
  });

  it('starts again after a gap, and never hides one', () => {
    const read = withLatest(undefined, events(1, 10), 10);
    expect(withLatest(read, events(12, 21), 21)).toEqual({ first: 12, events: events(12, 21) });
    expect(withEarlier(read, events(1, 5), 6)).toBe(read);
  });

  it('is bounded, and drops the oldest events first', () => {
    const full = withLatest(undefined, events(11, eventsMax + 10), eventsMax + 10);
    expect(earlierOf(full)).toBe(0);
    const later = withLatest(full, events(eventsMax, eventsMax + 12), eventsMax + 12);
    expect(later.first).toBe(13);
    expect(later.events).toHaveLength(eventsMax);
    expect(later.events.at(-1)?.type).toBe(String(eventsMax + 12));
  });
});
