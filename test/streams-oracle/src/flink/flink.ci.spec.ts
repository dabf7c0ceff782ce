import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { compareWithFlink, patternsInWords, type PatternReport } from './compare-with-flink.ts';
import { FlinkCep } from './flink-cep.ts';

const seeds = 20;

describe('the same patterns in Flink CEP and here', () => {
  let flink: FlinkCep | undefined;
  let report: PatternReport;

  beforeAll(async () => {
    flink = await FlinkCep.start();
    report = await compareWithFlink(flink, { seed, seeds });
    process.stdout.write(`${patternsInWords(report)}\n`);
  }, 240_000);
  afterAll(() => flink?.stop());

  it('T22 have the same matches and time-outs in the same order', () => {
    expect(report.findings).toEqual([]);
    expect(report.seeds).toBe(seeds);
  });

  it('T22 cover all skip strategies, with matches', () => {
    expect(report.tallies.map(({ skip }) => skip).sort()).toEqual([
      'noSkip',
      'skipPastLastEvent',
      'skipToFirst',
      'skipToLast',
      'skipToNext',
    ]);
    expect(report.tallies.reduce((sum, { matches }) => sum + matches, 0)).toBeGreaterThan(0);
  });
});
