import { describe, expect, it } from '@jest/globals';
import { readCommandLine } from './command-line.ts';

describe('the command line', () => {
  it('turns options into environment variables', () => {
    expect(
      readCommandLine([
        '--port',
        '0',
        '--data=/tmp/x',
        '--config',
        'a.properties',
        '--http-port',
        '1',
        '--flush',
        'none',
        '--partitions-max',
        '6000',
      ]),
    ).toEqual({
      BROKER_PORT: '0',
      BROKER_DATA: '/tmp/x',
      BROKER_CONFIG: 'a.properties',
      BROKER_HTTP_PORT: '1',
      BROKER_FLUSH: 'none',
      BROKER_PARTITIONS_MAX: '6000',
    });
  });

  it('has options for the address that clients are told to connect to', () => {
    expect(
      readCommandLine(['--host', '::', '--advertised-host', 'broker', '--advertised-port', '19092']),
    ).toEqual({
      BROKER_HOST: '::',
      BROKER_ADVERTISED_HOST: 'broker',
      BROKER_ADVERTISED_PORT: '19092',
    });
  });

  it('sets no variable when it is empty', () => expect(readCommandLine([])).toEqual({}));
  it('answers --help whatever else is given', () =>
    expect(readCommandLine(['--help', '--port', '1'])).toBe('help'));
  it.each(['data', 'config', 'port', 'advertised-host'])(
    'rejects an empty --%s, as a script with an unset variable would pass it',
    (option) => {
      expect(() => readCommandLine([`--${option}`, ''])).toThrow(
        `--${option} is empty: give it a value, or leave it out`,
      );
    },
  );

  it.each([['--prot'], ['here'], ['--port']])('rejects %s and names it', (argument) =>
    expect(() => readCommandLine([argument])).toThrow(argument.replace('--', '')),
  );
});
