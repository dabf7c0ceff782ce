import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.ts';

const nothing = {
  fresh: false,
  once: false,
  json: false,
  samples: true,
  kafka: false,
  trace: false,
  replicas: new Map(),
  split: new Set(),
};

describe('the options of npm start', () => {
  it('are off, but for the sample orders', () => {
    expect(readOptions([])).toEqual(nothing);
  });

  it.each([
    [['--fresh', '--once', '--json'], { ...nothing, fresh: true, once: true, json: true }],
    [['--no-samples'], { ...nothing, samples: false }],
    [['--kafka'], { ...nothing, kafka: true }],
    [['--trace'], { ...nothing, trace: true }],
    [['--once', '-h'], 'help'],
  ])('%j are understood', (argv, options) => {
    expect(readOptions(argv)).toEqual(options);
  });

  it.each(['--freshh', '--once=yes', 'once', '--no-fresh', '--'])(
    '%s is named as unknown, with what to do',
    (option) => {
      expect(() => readOptions(['--fresh', option])).toThrow(
        `unknown option ${option}: \`npm start -- --help\` lists what there is`,
      );
    },
  );

  it.each([['--once'], ['--json']])('%s has nothing to show without the sample orders', (option) => {
    expect(() => readOptions([option, '--no-samples'])).toThrow(/leave out --no-samples$/);
  });

  it.each([[['--replicas', 'order=2,inventory=3']], [['--replicas=order=2, inventory=3']]])(
    '%j name how many processes',
    (argv) => {
      expect(readOptions(argv)).toMatchObject({
        replicas: new Map(Object.entries({ order: 2, inventory: 3 })),
      });
    },
  );

  it.each([
    [
      ['--replicas'],
      '--replicas takes SERVICE=COUNT, several separated by commas, such as order=2,inventory=3',
    ],
    [['--replicas', 'order'], 'order is not that'],
    [['--replicas', 'order=two'], 'order=two is not that'],
    [['--replicas', 'order=2,'], 'nothing is not that'],
    [['--replicas', 'order=2,order=3'], '--replicas names order twice'],
  ])('%j are told what replicas look like', (argv, message) => {
    expect(() => readOptions(argv)).toThrow(message);
  });

  it('name the services to split', () => {
    expect(readOptions(['--split', 'order, inventory'])).toMatchObject({
      split: new Set(['order', 'inventory']),
    });
    expect(() => readOptions(['--split'])).toThrow('such as order,inventory, or all: nothing is not that');
    expect(() => readOptions(['--split', 'order=2'])).toThrow('order=2 is not that');
  });
});
