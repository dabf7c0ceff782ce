import { describe, expect, it } from '@jest/globals';
import { readResetOptions, usage } from './reset-options.ts';

const read = (line: string) => readResetOptions(line === '' ? [] : line.split(' '));
const placeOf = (line: string) => read(`--application-id shop ${line}`.trim());

describe('the options of the reset', () => {
  it('name the application, its topics and the brokers', () => {
    expect(
      read(
        '--application-id shop --bootstrap-servers a:1,b:2 --input-topics orders,customers ' +
          '--internal-topics shop-counts-changelog --state-dir state --dry-run',
      ),
    ).toEqual({
      bootstrapServers: ['a:1', 'b:2'],
      stateDir: 'state',
      request: {
        applicationId: 'shop',
        inputTopics: ['orders', 'customers'],
        internalTopics: ['shop-counts-changelog'],
        to: undefined,
        dryRun: true,
      },
    });
  });

  it('default to a local broker and a real run', () => {
    expect(read('--application-id shop')).toMatchObject({
      bootstrapServers: ['127.0.0.1:9092'],
      stateDir: undefined,
      request: { dryRun: false },
    });
  });

  it.each([
    ['--to-earliest', { mode: 'to-earliest' }],
    ['--to-latest', { mode: 'to-latest' }],
    ['--to-offset 7', { mode: 'to-offset', offset: 7n }],
    ['--shift-by=-7', { mode: 'shift-by', by: -7n }],
    ['--to-datetime 2026-11-22T09:00:00Z', { mode: 'to-datetime', time: new Date('2026-11-22T09:00:00Z') }],
    ['--by-duration PT1H', { mode: 'by-duration', durationMs: 3_600_000 }],
  ])('accept %s as the place to begin', (option, to) => {
    expect(placeOf(option)).toMatchObject({ request: { to } });
  });

  it.each([
    ['', '--application-id is missing'],
    ['--application-id shop --bootstrap-servers here', '--bootstrap-servers here: give HOST:PORT'],
    ['--application-id shop --to-latest --to-offset 1', '--to-latest and --to-offset exclude each other'],
    ['--application-id shop --to-offset one', '--to-offset one is not an integer'],
    ['--application-id shop --to-datetime soon', '--to-datetime soon is not a time'],
    ['--application-id shop --by-duration 1h', '--by-duration 1h is not a duration'],
    ['--application-id shop --force', "Unknown option '--force'"],
  ])('are refused as "%s"', (line, message) => {
    expect(() => read(line)).toThrow(message);
  });

  it('are all named in the help', () => {
    expect(read('--help')).toBe('help');
    expect(usage).toContain('--dry-run');
  });
});
