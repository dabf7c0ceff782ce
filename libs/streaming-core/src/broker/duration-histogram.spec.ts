import { describe, expect, it } from '@jest/globals';
import { DurationHistogram } from './broker-statistics.ts';

describe('a histogram of durations', () => {
  it('counts each observation in every bucket whose bound it does not exceed', () => {
    const histogram = new DurationHistogram();
    for (const durationMs of [0.1, 0.25, 0.3, 7, 90_000]) histogram.observe(durationMs);
    const { boundsMs, cumulative, sumMs, count } = histogram.read();
    const upTo = (bound: number) => cumulative[boundsMs.indexOf(bound)];
    expect(upTo(0.25)).toEqual(2);
    expect(upTo(0.5)).toEqual(3);
    expect(upTo(5)).toEqual(3);
    expect(upTo(10)).toEqual(4);
    expect(upTo(30_000)).toEqual(4);
    expect(count).toBe(5);
    expect(sumMs).toBeCloseTo(90_007.65);
  });
});
