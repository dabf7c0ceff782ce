import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultsReport } from '../report.ts';
import { startRun } from '../start-run.ts';

describe("a broker's process that is killed at a system call, or whose call fails", () => {
  let report: FaultsReport;

  beforeAll(async () => {
    report = await startRun('injected');
  }, 120_000);

  it('L66 keeps what it promised', () => {
    expect(report.problems).toEqual([]);
  });

  it('is tried at some calls', () => {
    expect(report.rows.reduce((sum, { tried }) => sum + tried, 0)).toBeGreaterThan(0);
  });
});
