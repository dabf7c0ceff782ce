import { describe, expect, it } from '@jest/globals';
import { sagaBenchOptions } from './options.ts';

describe('the options of the bench', () => {
  it('are those of the issue by default', () => {
    expect(sagaBenchOptions([])).toMatchObject({ rate: 20, concurrency: 64, json: false });
  });

  it.each(['0', '1.5', 'many', '-3'])('refuse a rate of %s, and name it', (rate) => {
    expect(() => sagaBenchOptions([`--rate=${rate}`])).toThrow(/--rate is a whole number from 1/);
  });
});
