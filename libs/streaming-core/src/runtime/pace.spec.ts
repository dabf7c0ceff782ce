import { describe, expect, it } from '@jest/globals';
import { Pace } from './polling.ts';

describe('the pace of a loop', () => {
  const pauses = (looks: ReadonlyArray<readonly [found: boolean, hinted: boolean]>) => {
    const pace = new Pace(2, 10);
    return looks.map(([found, hinted]) => {
      pace.looked({ found, hinted });
      return pace.pauseMs;
    });
  };

  it('slows down while looks without a hint find nothing, and is fast again once one finds something', () => {
    const nothing = [false, false] as const;
    expect(pauses([nothing, nothing, nothing, [true, false], nothing])).toEqual([4, 8, 10, 2, 4]);
  });

  it('does not change after a look that a hint caused, whatever the look found', () => {
    expect(
      pauses([
        [false, false],
        [true, true],
        [false, true],
        [true, true],
      ]),
    ).toEqual([4, 4, 4, 4]);
  });
});
