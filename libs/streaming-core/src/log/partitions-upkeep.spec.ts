import { describe, expect, it } from '@jest/globals';
import { fairShare } from './partitions-upkeep.ts';

describe('the fair share of a total', () => {
  it.each([
    [[], Infinity],
    [[1, 2, 3], Infinity],
    [[10], Infinity],
    [[11], 10],
    [[1, 2, 100], 7],
    [[1, 50, 100], 4],
    [[6, 6, 6], 3],
    [[100, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0],
  ])('of 10 among the sizes %j is at most %d each', (sizes: number[], share) => {
    expect(fairShare(sizes, 10)).toBe(share);
    expect(sizes.reduce((sum, size) => sum + Math.min(size, share), 0)).toBeLessThanOrEqual(10);
  });
});
