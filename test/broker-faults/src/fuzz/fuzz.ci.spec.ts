import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultsReport } from '../report.ts';
import { startRun } from '../start-run.ts';

describe('a broker that is sent requests cut, damaged and made up', () => {
  let report: FaultsReport;

  beforeAll(async () => {
    report = await startRun('fuzz');
  }, 120_000);

  it('lives, keeps its memory within bounds, and serves others meanwhile', () => {
    expect(report.problems).toEqual([]);
  });

  it('was sent every kind of them', () => {
    const few = report.rows.filter(({ tried, what }) => tried < (what.startsWith('mutated') ? 1_000 : 1)).map(({ what }) => what);
    expect({ few, kinds: report.rows.length }).toEqual({ few: [], kinds: 7 });
  });
});
