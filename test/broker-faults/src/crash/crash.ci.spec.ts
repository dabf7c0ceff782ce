import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultsReport } from '../report.ts';
import { startRun } from '../start-run.ts';

describe('a broker that dies at any change of its disk', () => {
  let report: FaultsReport;

  beforeAll(async () => {
    report = await startRun('crash');
  }, 120_000);

  it('has every acknowledged record once and in order, every offset, topic and producer, and nothing that is half there', () => {
    expect(report.problems).toEqual([]);
  });

  it('was tried under kill -9, torn writes and power loss', () => {
    const few = report.rows.filter(({ tried }) => tried < 3).map(({ what }) => what);
    expect({ rows: report.rows.length > 3, few }).toEqual({ rows: true, few: [] });
  });
});
