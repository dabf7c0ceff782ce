import { describe, expect, it } from '@jest/globals';
import { sagaBenchOptions } from './options.ts';

describe('the options of the bench', () => {
  it('have defaults', () => {
    expect(sagaBenchOptions([])).toMatchObject({ rate: 20, concurrency: 64, json: false });
  });

  it.each(['0', '1.5', 'many', '-3'])('reject a rate of %s and name the option', (rate) => {
    expect(() => sagaBenchOptions([`--rate=${rate}`])).toThrow(/--rate must be a whole number from 1/);
  });
});
