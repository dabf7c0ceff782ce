import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { nameOf, PartitionMap } from './partition-map.ts';

const place = fc.record({ topic: fc.constantFrom('orders', 'payments', ''), partition: fc.nat(2) });
const step = fc.record({ place, value: fc.option(fc.nat(), { nil: undefined }) });

describe('a map by partition', () => {
  it('has the same values as a map by name after any steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ours = new PartitionMap<number>();
        const model = new Map<string, number>();
        for (const { place: at, value } of steps) {
          if (value === undefined) {
            ours.delete(at);
            model.delete(nameOf(at));
          } else {
            ours.set(at, value);
            model.set(nameOf(at), value);
          }
          expect(ours.get(at)).toBe(model.get(nameOf(at)));
        }
        expect(ours.size).toBe(model.size);
        expect([...ours.values()].toSorted()).toEqual([...model.values()].toSorted());
      }),
    );
  });
});
