import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.ts';

describe('the options of npm start', () => {
  it('are off, but for the sample orders', () => {
    expect(readOptions([])).toEqual({ fresh: false, once: false, json: false, samples: true });
  });

  it.each([
    [['--fresh', '--once', '--json'], { fresh: true, once: true, json: true, samples: true }],
    [['--no-samples'], { fresh: false, once: false, json: false, samples: false }],
    [['--once', '-h'], 'help'],
  ])('%j are understood', (argv, options) => {
    expect(readOptions(argv)).toEqual(options);
  });

  it.each(['--freshh', '--once=yes', 'once', '--no-fresh', '--'])('%s is named as unknown, with what to do', (option) => {
    expect(() => readOptions(['--fresh', option])).toThrow(`unknown option ${option}: \`npm start -- --help\` lists what there is`);
  });

  it.each([['--once'], ['--json']])('%s has nothing to show without the sample orders', (option) => {
    expect(() => readOptions([option, '--no-samples'])).toThrow(/leave out --no-samples$/);
  });
});
