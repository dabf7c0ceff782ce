import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultsReport } from '../report.ts';
import { startRun } from '../start-run.ts';

describe('a broker that fills a real disk', () => {
  let report: FaultsReport;

  beforeAll(async () => {
    report = await startRun('full-disk');
  }, 120_000);

  it('L06 refuses writes, serves everything that it acknowledged, and accepts writes again with more room, by itself and after kill -9', () => {
    expect(report.problems).toEqual([]);
  });

  it('is full during the run', () => {
    const filled = report.rows
      .filter(({ what }) => what.includes('filled'))
      .map(({ note }) => /^(\d+) batches .* error 56$/.exec(note)?.[1]);
    expect(filled.map((count) => Number(count) > 10)).toEqual([true, true]);
  });
});
