import { describe, expect, it } from '@jest/globals';
import type { CaseResult } from './conformance-case.ts';
import { isGood, pageOf, summaryLines, type EngineResults, type Report } from './report.ts';

const result = (name: string, outcome: CaseResult['outcome'], reason?: string): CaseResult => ({
  client: 'kcat',
  name,
  outcome,
  ms: 1_234,
  ...(reason !== undefined && { reason }),
});
const on = (engine: EngineResults['engine'], ...results: readonly CaseResult[]): EngineResults => ({
  engine,
  version: '1',
  results,
});

const report = (engines: readonly EngineResults[]): Report => ({
  startedAt: new Date('2026-11-20T19:00:00Z'),
  minutes: 3,
  command: 'npm run conformance -- --write',
  commit: 'abc',
  machine: 'two cores',
  engines,
  clients: [{ name: 'kcat', title: 'librdkafka', version: '1.7.1' }],
});

describe('the report of the conformance suite', () => {
  it('counts per client and engine', () => {
    const engines = [
      on('embedded', result('a', 'passed'), result('b', 'failed', 'why')),
      on('kafka', result('a', 'passed')),
    ];
    expect(summaryLines(report(engines))).toEqual([
      'embedded kcat         1 passed, 1 failed, 0 skipped',
      'embedded broker 1: 1 passed, 1 failed, 0 skipped',
      'kafka    kcat         1 passed, 0 failed, 0 skipped',
      'Apache Kafka 1: 1 passed, 0 failed, 0 skipped',
    ]);
  });

  it('shows the counts of both engines side by side, and what did not pass and why', () => {
    const page = pageOf(
      report([
        on('embedded', result('a', 'passed'), result('b', 'failed', 'a | b')),
        on('kafka', result('a', 'passed')),
      ]),
    );
    const counts = '1 passed, 1 failed, 0 skipped | 1 passed, 0 failed, 0 skipped';
    expect(page).toContain(`| kcat | librdkafka | 1.7.1 | ${counts} |`);
    expect(page).toContain('| embedded broker | kcat | b | failed | a \\| b |');
    expect(page).toContain('`npm run conformance -- --write`');
  });

  it.each([
    ['is good if everything passed', [on('embedded', result('a', 'passed'))], false, true],
    [
      'is not good if a case failed on the embedded broker',
      [on('embedded', result('a', 'failed'))],
      true,
      false,
    ],
    [
      'is good if a case failed only on Apache Kafka, which is the reference',
      [on('embedded', result('a', 'passed')), on('kafka', result('a', 'failed'))],
      false,
      true,
    ],
    [
      'is not good if only Apache Kafka ran and a case failed there',
      [on('kafka', result('a', 'failed'))],
      true,
      false,
    ],
    [
      'is good if a case was skipped that may be skipped',
      [on('embedded', result('a', 'skipped'))],
      true,
      true,
    ],
    [
      'is not good if a case was skipped that may not be skipped',
      [on('embedded', result('a', 'skipped'))],
      false,
      false,
    ],
    ['is not good if no case ran', [on('embedded')], true, false],
  ])('%s', (_name, engines, maySkip, good) => {
    expect(isGood(engines, maySkip)).toBe(good);
  });
});
