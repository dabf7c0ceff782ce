import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { OrderedByInsertion } from './ordered-by-insertion.ts';

describe('an order by insertion', () => {
  it('is sorted, without duplicates, as long as the values do not change', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 })), (numbers) => {
        const ordered = new OrderedByInsertion<number>((one, other) => one - other);
        for (const number of numbers) ordered.add(number);

        expect(ordered.values()).toEqual([...new Set(numbers)].sort((one, other) => one - other));
      }),
    );
  });

  it('keeps the place of a value that changes after its insertion', () => {
    const one = { size: 1 };
    const other = { size: 2 };
    const ordered = new OrderedByInsertion<{ size: number }>((a, b) => a.size - b.size);
    ordered.add(one);
    ordered.add(other);

    one.size = 3;

    expect(ordered.values()).toEqual([one, other]);
    expect(ordered.values()[0]).toBe(one);
  });
});
