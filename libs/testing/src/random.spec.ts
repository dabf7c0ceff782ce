import { describe, expect, it } from '@jest/globals';
import { fc, seed, seededRandom } from './random.ts';

describe('random tests', () => {
  it('run with the seed of the process, which a failure names', () => {
    const failing = () => fc.assert(fc.property(fc.nat(), (number) => number < 0));
    expect(failing).toThrow(`seed: ${seed}`);
    expect(fc.sample(fc.nat(), 5)).toEqual(fc.sample(fc.nat(), 5));
  });

  it('get arrays up to the full length of their limit', () => {
    expect(
      Math.max(...fc.sample(fc.array(fc.nat(), { maxLength: 60 }), 100).map(({ length }) => length)),
    ).toBeGreaterThan(40);
  });

  it('get the same numbers from the same seed if they draw them themselves', () => {
    const drawn = (from: number) => Array.from({ length: 5 }, seededRandom(from));
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
    expect(drawn(7).every((number) => number >= 0 && number < 1)).toBe(true);
  });
});
