import { describe, expect, it } from '@jest/globals';
import { keptOpenWithin, warnOfFewFiles } from './open-files.ts';

describe('a limit of open files', () => {
  it.each([
    [undefined, 512],
    [1_048_576, 512],
    [1_024, 256],
    [20, 16],
  ])('of %d keeps %d log files open between uses', (limit, kept) => {
    expect(keptOpenWithin(limit)).toBe(kept);
  });

  it.each([
    [1_000, 1_024, true],
    [1_000, 4_096, false],
    [3_000, 4_096, true],
    [9_000, 1_048_576, false],
  ])(
    'causes a warning if it may not suffice: %d partitions, limit %p, warning %p',
    (partitions, limit, warns) => {
      const said: string[] = [];
      const note = (_: object, message: string) => void said.push(message);
      warnOfFewFiles(partitions, { debug: note, info: note, warn: note, error: note } as never, limit);
      expect(said.filter((line) => line.includes('ulimit -n'))).toHaveLength(warns ? 1 : 0);
    },
  );
});
