import { describe, expect, it } from '@jest/globals';
import { streamsSettings } from './streams-settings.ts';

const given = { applicationId: 'counts', bootstrapServers: ['127.0.0.1:1'], stateDir: '/tmp/state' };

describe('the settings of a stream application', () => {
  it('commit every 100 ms with exactly_once_v2 and every 30 s otherwise', () => {
    expect(streamsSettings({ ...given, guarantee: 'exactly_once_v2' }).commitIntervalMs).toBe(100);
    expect(streamsSettings(given).commitIntervalMs).toBe(30_000);
    expect(streamsSettings({ ...given, commitIntervalMs: 7 }).commitIntervalMs).toBe(7);
  });

  it('keep a default for an option that is undefined', () => {
    expect(streamsSettings({ ...given, bufferedRecordsMax: undefined }).bufferedRecordsMax).toBe(1_000);
  });

  it('close the application after an error by default', () => {
    expect(streamsSettings(given).onUncaughtError(new Error('x'))).toBe('close');
  });

  it.each([
    [{ applicationId: 'a b' }, 'applicationId is "a b": give 1 to 200 letters'],
    [{ applicationId: undefined as never }, 'applicationId is undefined: give 1 to 200 letters'],
    [{ bootstrapServers: [] }, 'bootstrapServers is []: give a list of addresses'],
    [{ stateDir: '' }, 'stateDir is "": give the path of a folder'],
    [{ autoOffsetReset: 'first' as never }, 'autoOffsetReset is "first": give earliest, latest or none'],
    [{ onProcessingError: 'ignore' as never }, "onProcessingError is \"ignore\": give 'fail', 'skip'"],
    [{ commitInterval: 5 } as never, 'commitInterval is not an option: the options are applicationId'],
    [{ maxTaskIdleMs: -2 }, 'maxTaskIdleMs is -2: give milliseconds from 0, or -1 to never wait'],
    [{ sliceRecordsMax: 0 }, 'sliceRecordsMax is 0: give a whole number from 1'],
    [{ commitIntervalMs: 0.5 }, 'commitIntervalMs is 0.5: give a whole number from 0'],
    [{ cacheBytesMax: -1 }, 'cacheBytesMax is -1: give a whole number from 0'],
    [
      { guarantee: 'exactly_once_v2', transactionTimeoutMs: 100 } as const,
      'transactionTimeoutMs is 100: give more than commitIntervalMs (100)',
    ],
  ])('are refused with the remedy: %j', (wrong, message) => {
    expect(() => streamsSettings({ ...given, ...wrong })).toThrow(message);
  });

  it('are refused for a guarantee that an untyped program has misspelled', () => {
    const guarantee = 'exactly_once' as 'exactly_once_v2';
    expect(() => streamsSettings({ ...given, guarantee })).toThrow(
      'guarantee is "exactly_once": give at_least_once or exactly_once_v2',
    );
  });
});
