import { describe, expect, it } from '@jest/globals';
import { assign } from './assignment.ts';

const pieces = Array.from({ length: 100 }, (_, index) => `piece ${index}`);
const members = ['a', 'b', 'c'];
const movedFrom = (before: readonly string[], after: readonly string[]) => {
  const old = assign(before, pieces);
  const now = assign(after, pieces);
  return pieces.filter((piece) => old.get(piece) !== now.get(piece)).length;
};

describe('the assignment of work', () => {
  it('gives every piece to one member, and no member more than its share', () => {
    const assigned = assign(members, pieces);
    const loads = members.map((member) => [...assigned.values()].filter((owner) => owner === member).length);
    expect(assigned.size).toBe(100);
    expect(Math.max(...loads)).toBeLessThanOrEqual(34);
    expect([...assign(members.toReversed(), pieces.toReversed())].toSorted()).toEqual(
      [...assigned].toSorted(),
    );
  });

  it('leaves most pieces where they are when a member comes or goes', () => {
    expect(movedFrom(members, ['a', 'b', 'c', 'd'])).toBeLessThan(50);
    expect(movedFrom(members, ['a', 'b'])).toBeLessThan(60);
  });

  it('spreads the tasks of one connector, and assigns nothing without members', () => {
    expect(new Set(assign(['a', 'b'], ['c\n0', 'c\n1']).values()).size).toBe(2);
    expect(assign([], pieces).size).toBe(0);
  });
});
