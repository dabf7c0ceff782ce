import { describe, expect, it } from '@jest/globals';
import { readCommandLine } from './command-line.ts';

describe('the command line', () => {
  it('stands for environment variables', () => {
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

  it('has an option for where clients are told to connect', () => {
    expect(
      readCommandLine(['--host', '::', '--advertised-host', 'broker', '--advertised-port', '19092']),
    ).toEqual({
      BROKER_HOST: '::',
      BROKER_ADVERTISED_HOST: 'broker',
      BROKER_ADVERTISED_PORT: '19092',
    });
  });

  it('says nothing where it is empty', () => expect(readCommandLine([])).toEqual({}));
  it('can ask for help alone', () => expect(readCommandLine(['--help', '--port', '1'])).toBe('help'));
  it.each(['data', 'config', 'port', 'advertised-host'])(
    'refuses an empty --%s, which a script with an unset variable passes',
    (option) => {
      expect(() => readCommandLine([`--${option}`, ''])).toThrow(
        `--${option} is empty: give it a value, or leave it out`,
      );
    },
  );

  it.each([['--prot'], ['here'], ['--port']])('refuses %s', (argument) =>
    expect(() => readCommandLine([argument])).toThrow(argument.replace('--', '')),
  );
});
