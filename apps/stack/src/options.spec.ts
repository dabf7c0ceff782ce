import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.ts';

const nothing = {
  fresh: false,
  once: false,
  json: false,
  samples: true,
  console: true,
  kafka: false,
  trace: false,
  replicas: new Map(),
  split: new Set(),
  apps: new Set(),
};

describe('the options of npm start', () => {
  it('are off by default, except for the samples and the console', () => {
    expect(readOptions([])).toEqual(nothing);
  });

  it.each([
    [['--fresh', '--once', '--json'], { ...nothing, fresh: true, once: true, json: true, console: false }],
    [['--no-samples'], { ...nothing, samples: false }],
    [['--no-console'], { ...nothing, console: false }],
    [['--kafka'], { ...nothing, kafka: true }],
    [['--trace'], { ...nothing, trace: true }],
    [['--trace', '--once'], { ...nothing, once: true, trace: true }],
    [['--base-port', '4000'], { ...nothing, basePort: 4_000 }],
    [['--once', '-h'], 'help'],
  ])('accept %j', (argv, options) => {
    expect(readOptions(argv)).toEqual(options);
  });

  it.each(['--freshh', '--once=yes', 'once', '--no-fresh', '--'])(
    'refuse %s as unknown and name the remedy',
    (option) => {
      expect(() => readOptions(['--fresh', option])).toThrow(
        `unknown option ${option}: \`npm start -- --help\` lists the options`,
      );
    },
  );

  it.each([
    ['--base-port', 'nothing'],
    ['--base-port=', 'nothing'],
    ['--base-port=4k', '4k'],
    ['--base-port=1023', '1023'],
    ['--base-port=64001', '64001'],
  ])('refuse %s, which is no base port, and name the limits', (option, got) => {
    expect(() => readOptions([option])).toThrow(
      `--base-port takes a whole number from 1024 to 64000, such as 4000: got ${got}`,
    );
  });

  it.each([['--once'], ['--json']])('refuse %s without the samples', (option) => {
    expect(() => readOptions([option, '--no-samples'])).toThrow(/leave out --no-samples$/);
  });

  it('refuse traces without the console that shows them', () => {
    expect(() => readOptions(['--trace', '--no-console'])).toThrow(/leave out --no-console$/);
  });

  it.each([[['--replicas', 'order=2,inventory=3']], [['--replicas=order=2, inventory=3']]])(
    'read the numbers of processes from %j',
    (argv) => {
      expect(readOptions(argv)).toMatchObject({
        replicas: new Map(Object.entries({ order: 2, inventory: 3 })),
      });
    },
  );

  it.each([
    [['--replicas'], /^--replicas takes SERVICE=COUNT, several separated by commas, such as [a-z-]+=2/],
    [['--replicas', 'order'], ': got order'],
    [['--replicas', 'order=two'], ': got order=two'],
    [['--replicas', 'order=2,'], ': got nothing'],
    [['--replicas', 'order=2,order=3'], '--replicas names order twice'],
  ])('refuse %j and show what replicas look like', (argv, message) => {
    expect(() => readOptions(argv)).toThrow(message);
  });

  it('read the services to split', () => {
    expect(readOptions(['--split', 'order, inventory'])).toMatchObject({
      split: new Set(['order', 'inventory']),
    });
    expect(() => readOptions(['--split'])).toThrow(/such as \S+, or all: got nothing$/);
    expect(() => readOptions(['--split', 'order=2'])).toThrow(': got order=2');
  });

  it('read the optional apps to start', () => {
    expect(readOptions(['--with', 'letters, order-counts'])).toMatchObject({
      apps: new Set(['letters', 'order-counts']),
    });
    expect(() => readOptions(['--with'])).toThrow(
      '--with takes optional apps, separated by commas, such as orders-per-minute, or all: got nothing',
    );
  });
});
