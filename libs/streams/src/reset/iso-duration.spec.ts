import { describe, expect, it } from '@jest/globals';
import { isoDurationMs } from './reset-options.ts';

describe('a duration of ISO 8601', () => {
  it.each([
    ['PT1H30M', 5_400_000],
    ['P7D', 604_800_000],
    ['P1DT0.5S', 86_400_500],
    ['PT0S', 0],
  ])('%s has %i milliseconds', (text, durationMs) => {
    expect(isoDurationMs(text)).toBe(durationMs);
  });

  it.each(['', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', '1h', 'PT-1S', 'PT1M1H'])('is not "%s"', (text) => {
    expect(isoDurationMs(text)).toBeUndefined();
  });
});
