import { describe, expect, it } from '@jest/globals';
import { setNewest } from './set-newest.ts';

describe('setNewest', () => {
  const after = (keys: readonly string[]) => {
    const map = new Map<string, number>();
    for (const [index, key] of keys.entries()) setNewest(map, key, index, 3);
    return [...map];
  };

  it('keeps up to the maximum number of entries and deletes the oldest one beyond it', () => {
    expect(after(['a', 'b', 'c'])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    expect(after(['a', 'b', 'c', 'd', 'e']).map(([key]) => key)).toEqual(['c', 'd', 'e']);
  });

  it('replaces a known entry and makes it the newest one', () => {
    expect(after(['a', 'b', 'c', 'a', 'd'])).toEqual([
      ['c', 2],
      ['a', 3],
      ['d', 4],
    ]);
  });
});
