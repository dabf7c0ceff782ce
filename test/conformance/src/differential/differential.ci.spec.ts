import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEngines, type Engines } from './engines.ts';
import { grouped, inWords } from './report.ts';
import { runDifferential, type DifferentialReport } from './run.ts';

/**
 * The slice for CI. It always plays the same sessions, so that it notices a difference that no
 * longer occurs in them. `npm run verify -- differential` plays more.
 */
const seed = 2;
const sessions = 240;

describe('the same sessions on this broker and on Apache Kafka', () => {
  let engines: Engines | undefined;
  let report: DifferentialReport;

  beforeAll(async () => {
    engines = await startEngines();
    report = await runDifferential(engines, {
      seed,
      sessions: Array.from({ length: sessions }, (_, number) => number),
    });
    process.stdout.write(`${inWords(report)}\n`);
  }, 240_000);
  afterAll(() => engines?.stop());

  it('L58 are answered alike, field by field, except for what is listed with a reason', () => {
    const unknown = grouped(report.findings.filter(({ known }) => known === undefined));
    expect(unknown).toEqual([]);
    expect(report.sessions).toBe(sessions);
    expect(report.compared).toBeGreaterThan(2_000);
  });

  it('L58 show every difference that is listed', () => {
    expect(report.stale).toEqual([]);
  });
});
