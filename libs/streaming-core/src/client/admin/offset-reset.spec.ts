import { describe, expect, it } from '@jest/globals';
import { resetTarget, resetTime, type OffsetReset } from './offset-reset.ts';

const log = { committed: 50n, logStart: 10n, logEnd: 100n };

describe('B03 the target of an offset reset', () => {
  it.each<[OffsetReset, bigint]>([
    [{ mode: 'to-earliest' }, 10n],
    [{ mode: 'to-latest' }, 100n],
    [{ mode: 'to-offset', offset: 70n }, 70n],
    [{ mode: 'to-offset', offset: 10n }, 10n],
    [{ mode: 'to-offset', offset: 100n }, 100n],
    [{ mode: 'to-offset', offset: 9n }, 10n],
    [{ mode: 'to-offset', offset: -5n }, 10n],
    [{ mode: 'to-offset', offset: 101n }, 100n],
    [{ mode: 'shift-by', by: 7n }, 57n],
    [{ mode: 'shift-by', by: -41n }, 10n],
    [{ mode: 'shift-by', by: 51n }, 100n],
  ])('of %j is %d, within the range of the log', (reset, target) => {
    expect(resetTarget(reset, log)).toBe(target);
  });

  it('is within the log even if the committed offset is not', () => {
    expect(resetTarget({ mode: 'shift-by', by: 0n }, { ...log, committed: 3n })).toBe(10n);
    expect(resetTarget({ mode: 'shift-by', by: 0n }, { ...log, committed: 300n })).toBe(100n);
  });

  it('by time is the end of the log if no record is that late', () => {
    const reset: OffsetReset = { mode: 'by-duration', durationMs: 1 };
    expect(resetTarget(reset, { ...log, atTime: 60n })).toBe(60n);
    expect(resetTarget(reset, log)).toBe(100n);
  });

  it('does not exist for a shift without a committed offset', () => {
    const target = resetTarget({ mode: 'shift-by', by: 1n }, { ...log, committed: undefined });
    expect(target).toMatchObject({
      code: 'argument_invalid',
      message: expect.stringMatching(/another mode/),
    });
  });
});

describe('B03 the time of an offset reset', () => {
  it('is absent in the modes that name an offset', () => {
    expect(resetTime({ mode: 'to-latest' }, 1_000)).toBeUndefined();
  });

  it('is never negative, because -1 and -2 mean the end and the beginning of the log', () => {
    expect(resetTime({ mode: 'to-datetime', time: new Date(-1) }, 1_000)).toBe(0);
    expect(resetTime({ mode: 'by-duration', durationMs: 1_001 }, 1_000)).toBe(0);
    expect(resetTime({ mode: 'by-duration', durationMs: 400.5 }, 1_000)).toBe(599);
  });

  it('is refused if it is not a time, and the error names the field', () => {
    const invalidDate: OffsetReset = { mode: 'to-datetime', time: new Date('soon') };
    expect(() => resetTime(invalidDate, 1_000)).toThrow(/^time is not a valid date/);
    expect(() => resetTime({ mode: 'by-duration', durationMs: -1 }, 1_000)).toThrow(
      /^durationMs is -1: give 0/,
    );
    expect(() => resetTime({ mode: 'by-duration', durationMs: NaN }, 1_000)).toThrow(/^durationMs is NaN/);
  });
});
