import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.ts';

const known = ['crash', 'fuzz'];

describe('the options of a run of faults', () => {
  it('are those of a whole run by default', () => {
    expect(readOptions(['crash'], known)).toEqual({
      run: 'crash',
      json: false,
      quick: false,
      seed: expect.any(Number),
      minutes: 40,
    });
  });

  it('choose a seed, a part and a length', () => {
    const args = [
      'fuzz',
      '--seed',
      '7',
      '--frames',
      '1000',
      '--minutes',
      '0.5',
      '--range',
      '3-9',
      '--quick',
      '--json',
    ];
    const part = { frames: 1_000, minutes: 0.5, range: { from: 3, to: 9 } };
    expect(readOptions(args, known)).toEqual({ run: 'fuzz', json: true, quick: true, seed: 7, ...part });
  });

  it.each([
    [[], /name a run: crash, fuzz/],
    [['crush'], /there is no run crush; the runs are crash, fuzz/],
    [['crash', 'fuzz'], /one run at a time/],
    [['fuzz', '--frames', 'x'], /--frames must be a whole number of at least 1, but it is x/],
    [['fuzz', '--frames', '0'], /--frames must be a whole number of at least 1, but it is 0/],
    [['crash', '--seed', 'x'], /--seed must be a whole number of at most 15 digits, but it is x/],
    [['crash', '--minutes', '0'], /--minutes must be a number above 0, but it is 0/],
    [['crash', '--minutes', 'x'], /--minutes must be a number above 0, but it is x/],
    [['crash', '--range', '5'], /--range must be two numbers of at least 1, such as 100-200, but it is 5/],
    [
      ['crash', '--range', '9-3'],
      /--range must be two numbers of at least 1, such as 100-200, but it is 9-3/,
    ],
    [['crash', '--fast'], /--fast/],
  ])('say what is wrong with %j', (args: readonly string[], message) => {
    expect(() => readOptions(args, known)).toThrow(message);
  });

  it('may consist of --help alone', () => {
    expect(readOptions(['--help'], known)).toBe('help');
  });
});
