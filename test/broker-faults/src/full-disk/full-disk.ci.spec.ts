import { describe, expect, it } from '@jest/globals';
import { startRun } from '../start-run.ts';

describe('a broker that fills a real disk', () => {
  const report = startRun('full-disk');

  it('L06 refuses writes, serves everything that it acknowledged, and accepts writes again with more room, by itself and after kill -9', () => {
    expect(report().problems).toEqual([]);
  });

  it('is full during the run', () => {
    const filled = report()
      .rows.filter(({ what }) => what.includes('filled'))
      .map(({ note }) => /^(\d+) batches .* error 56$/.exec(note)?.[1]);
    expect(filled.map((count) => Number(count) > 10)).toEqual([true, true]);
  });
});
