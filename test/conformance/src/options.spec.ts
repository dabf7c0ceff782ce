import { describe, expect, it } from '@jest/globals';
import { readOptions, usage } from './options.ts';

const known = ['kcat', 'kafkajs'];

describe('the options of the conformance suite', () => {
  it('run everything on both engines by default, and write nothing', () => {
    expect(readOptions([], known)).toEqual({ engines: ['embedded', 'kafka'], quick: false, write: false });
  });

  it('choose engine, clients and cases', () => {
    expect(
      readOptions(['--engine', 'kafka', '--client', 'kcat, kafkajs', '--case', 'gzip', '--quick'], known),
    ).toEqual({
      engines: ['kafka'],
      clients: ['kcat', 'kafkajs'],
      only: 'gzip',
      quick: true,
      write: false,
    });
  });

  it.each([
    [['--engine', 'redpanda'], /--engine redpanda must be embedded, kafka or both/],
    [['--client', 'kcatt'], /--client kcatt is unknown; the clients are kcat, kafkajs/],
    [['--fast'], /--fast/],
    [['--write', '--quick'], /--write needs a whole run/],
    [['--write', '--engine', 'kafka'], /--write needs a whole run/],
  ])('say what is wrong with %j', (argv, message) => {
    expect(() => readOptions(argv, known)).toThrow(message);
  });

  it('are explained, with the names of the clients', () => {
    expect(readOptions(['--help'], known)).toBe('help');
    expect(usage(known)).toContain('kcat, kafkajs');
  });
});
