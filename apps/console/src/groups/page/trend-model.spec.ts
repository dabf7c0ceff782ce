import { describe, expect, it } from '@jest/globals';
import { keptMs, lineOf, withPoint } from './trend-model.ts';

const box = { width: 100, height: 20 };

describe('the trend of a lag', () => {
  it('keeps its value until the next point, and the highest lag is at the top', () => {
    const trend = [
      { atMs: keptMs / 2, lag: 4 },
      { atMs: (keptMs * 3) / 4, lag: 0 },
    ];
    expect(lineOf(trend, keptMs, box)).toBe('50.0,0.0 75.0,0.0 75.0,20.0 100.0,20.0');
  });

  it('drops points that are too old, except the one from which the line starts', () => {
    const trend = [0, 1, 2].map((atMs) => ({ atMs, lag: atMs }));
    expect(withPoint(trend, { atMs: keptMs + 1, lag: 9 }).map(({ lag }) => lag)).toEqual([1, 2, 9]);
  });
});
