import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultsReport } from '../report.ts';
import { startRun } from '../start-run.ts';

describe('a broker whose disk fails or is full at any call', () => {
  let report: FaultsReport;

  beforeAll(async () => {
    report = await startRun('failing-disk');
  }, 120_000);

  it('keeps what it acknowledged, tries no failed sync again, and takes writes again where there is room again', () => {
    expect(report.problems).toEqual([]);
  });

  it('was tried on both errors', () => {
    const tried = (code: string) =>
      report.rows.filter(({ what }) => what.startsWith(code)).reduce((sum, row) => sum + row.tried, 0);
    expect({ EIO: tried('EIO') > 0, ENOSPC: tried('ENOSPC') > 0 }).toEqual({ EIO: true, ENOSPC: true });
  });
});
