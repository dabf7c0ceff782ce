import { describe, expect, it } from '@jest/globals';
import { randomProgram } from './random-program.ts';

describe('a random program', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(randomProgram(7)).toEqual(randomProgram(7));
    expect(randomProgram(7)).not.toEqual(randomProgram(8));
  });

  it('makes every call on results of earlier ones', () => {
    for (let seed = 0; seed < 200; seed += 1)
      for (const { id, on } of randomProgram(seed)) expect(on.filter((operand) => operand >= id)).toEqual([]);
  });

  it('has each call in more than one of two hundred programs', () => {
    const programs = Array.from(
      { length: 1_000 },
      (_, seed) => new Set(randomProgram(seed).map(({ op }) => op)),
    );
    const counts = [...new Set(programs.flatMap((ops) => [...ops]))].map((op) => ({
      op,
      programs: programs.filter((ops) => ops.has(op)).length,
    }));
    expect(counts).toHaveLength(38);
    expect(counts.filter((each) => each.programs <= 5)).toEqual([]);
  });
});
