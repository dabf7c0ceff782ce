import { describe, expect, it } from '@jest/globals';
import { countOf, lastLineOf, lastTaskOf, seedOf } from './long-run.ts';

describe('an option of a long run', () => {
  it('takes a date as a seed', () => {
    expect(seedOf('--seed', '20261124')).toBe(20_261_124);
  });

  it('takes every count up to its limit', () => {
    expect({ lowest: countOf('--scripts', '1'), highest: countOf('--scripts', '1000000') }).toEqual({
      lowest: 1,
      highest: 1_000_000,
    });
  });

  it.each(['0', '-1', '1.5', '01', '1e3', 'many', '', '100000000'])('refuses the seed "%s"', (text) => {
    expect(() => seedOf('--seed', text)).toThrow(
      `--seed must be a whole number from 1 to 99999999, not ${text}`,
    );
  });

  it('names the limit of a count that is too high', () => {
    expect(() => countOf('--scripts', '1000001')).toThrow(
      '--scripts must be a whole number from 1 to 1000000, not 1000001',
    );
  });
});

describe('the progress of a long run', () => {
  it('is the last task of Nx', () => {
    const printed = (task: string) =>
      `\u001b[2m> nx run\u001b[22m ${task}\n\u001b[2mRan all test suites.\u001b[22m\n`;
    expect(lastTaskOf(`${printed('payment:test')}\n${printed('order:test')}\n`)).toBe('order:test');
    expect(lastTaskOf('seed 7 passed\n')).toBeUndefined();
  });

  it('is the last line, without its colors, of a program that runs no task', () => {
    expect(lastLineOf('first\n\u001b[32mseed 7 passed\u001b[39m\n\n')).toBe('seed 7 passed');
  });
});
