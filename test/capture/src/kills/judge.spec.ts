import { describe, expect, it } from '@jest/globals';
import { problemsOf, type SeenChange } from './judge.ts';

const at = (op: string, version: number): SeenChange => ({ id: 1, op, version });
const ended = (version: number, exists = true) => new Map([[1, { version, exists }]]);

describe('the judge of what a topic has', () => {
  it('accepts each version once and in order, after a snapshot that may be repeated', () => {
    expect(problemsOf([at('r', 1), at('r', 2), at('u', 3), at('d', 3), at('c', 5)], ended(5))).toEqual([]);
    expect(problemsOf([at('c', 1), at('u', 2), at('d', 2)], ended(3, false))).toEqual([]);
  });

  it.each([
    ['lost', [at('c', 1), at('u', 3)], ended(3)],
    ['repeated', [at('c', 1), at('u', 2), at('u', 2)], ended(2)],
    ['missing at the end', [at('c', 1)], ended(2)],
    ['never there', [], ended(1)],
    ['inside the snapshot', [at('u', 1), at('r', 1)], ended(1)],
    ['a delete that is missing', [at('c', 1)], ended(2, false)],
  ])('reports what is %s', (_what, seen, versions) => {
    expect(problemsOf(seen, versions)).not.toEqual([]);
  });
});
