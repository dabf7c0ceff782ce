import { describe, expect, it } from '@jest/globals';
import { minutes } from '@millrace/streaming-core/runtime';
import { fc } from '@millrace/testing/random';
import { timeWindows, slidingWindows, sessionWindows } from './windows.ts';

describe('time windows', () => {
  it('tumble: the start belongs to a window, the end to the next one', () => {
    const windows = timeWindows(minutes(5));

    expect(windows.startsAt(minutes(5) - 1)).toEqual([0]);
    expect(windows.startsAt(minutes(5))).toEqual([minutes(5)]);
  });

  it('hop: a time is in as many windows as fit, but in none that starts before 1970', () => {
    const windows = timeWindows(minutes(5)).advanceBy(minutes(2));

    expect(windows.startsAt(minutes(9))).toEqual([6, 8].map(minutes));
    expect(windows.startsAt(minutes(10))).toEqual([6, 8, 10].map(minutes));
    expect(windows.startsAt(minutes(3))).toEqual([0, 2].map(minutes));
  });

  it('are exactly the windows that hold the time, for all sizes and advances', () => {
    const spans = fc.integer({ min: 1, max: 50 }).chain((sizeMs) =>
      fc.record({
        sizeMs: fc.constant(sizeMs),
        advanceMs: fc.integer({ min: 1, max: sizeMs }),
        timestampMs: fc.nat(500),
      }),
    );
    fc.assert(
      fc.property(spans, ({ sizeMs, advanceMs, timestampMs }) => {
        const holding: number[] = [];
        for (let startMs = 0; startMs <= timestampMs; startMs += advanceMs) {
          if (startMs + sizeMs > timestampMs) holding.push(startMs);
        }

        expect(timeWindows(sizeMs).advanceBy(advanceMs).startsAt(timestampMs)).toEqual(holding);
      }),
    );
  });

  it('keep the other spans when one is set', () => {
    const windows = timeWindows(10).advanceBy(4).grace(3);

    expect(windows).toMatchObject({ sizeMs: 10, advanceMs: 4, graceMs: 3 });
  });
});

describe('the spans of windows', () => {
  it.each([
    ['a size of 0', () => timeWindows(0)],
    ['a fraction of a millisecond', () => timeWindows(1.5)],
    ['an advance of 0', () => timeWindows(10).advanceBy(0)],
    ['an advance beyond the size', () => timeWindows(10).advanceBy(11)],
    ['a negative grace', () => timeWindows(10).grace(-1)],
    ['a sliding window that holds one time only', () => slidingWindows(0)],
    ['a negative grace of a sliding window', () => slidingWindows(1).grace(-1)],
    ['a negative gap', () => sessionWindows(-1)],
    ['an infinite grace of a session', () => sessionWindows(1).grace(Infinity)],
  ])('cannot be %s', (_name, make) => {
    expect(make).toThrow(RangeError);
  });

  it('are named in the error, with the value and the bounds', () => {
    expect(() => timeWindows(10).advanceBy(11)).toThrow(
      'The advance of a time window is 11, but it must be a whole number of milliseconds, from 1 to 10.',
    );
  });
});
