import { describe, expect, it } from '@jest/globals';
import { fairShare } from './background-cleanup.ts';

describe('the fair share', () => {
  it.each([
    [[], Infinity],
    [[1, 2, 3], Infinity],
    [[10], Infinity],
    [[11], 10],
    [[1, 2, 100], 7],
    [[1, 50, 100], 4],
    [[6, 6, 6], 3],
    [[100, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0],
  ])('among %j of a total of 10 is %d', (sizes: number[], share) => {
    expect(fairShare(sizes, 10)).toBe(share);
    expect(sizes.reduce((sum, size) => sum + Math.min(size, share), 0)).toBeLessThanOrEqual(10);
  });
});
