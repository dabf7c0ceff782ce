import { describe, expect, it } from '@jest/globals';
import type { CaseResult } from './conformance-case.ts';
import { isGood, summaryLines, type EngineResults } from './report.ts';

const result = (name: string, outcome: CaseResult['outcome']): CaseResult => ({
  client: 'kcat',
  name,
  outcome,
  ms: 1_234,
});
const on = (engine: EngineResults['engine'], ...results: readonly CaseResult[]): EngineResults => ({
  engine,
  version: '1',
  results,
});

describe('the report of the conformance suite', () => {
  it('counts per client and engine', () => {
    const engines = [
      on('embedded', result('a', 'passed'), result('b', 'failed')),
      on('kafka', result('a', 'passed')),
    ];
    expect(summaryLines({ engines, clients: [{ name: 'kcat', title: 'librdkafka' }] })).toEqual([
      'embedded kcat         1 passed, 1 failed, 0 skipped',
      'embedded broker 1: 1 passed, 1 failed, 0 skipped',
      'kafka    kcat         1 passed, 0 failed, 0 skipped',
      'Apache Kafka 1: 1 passed, 0 failed, 0 skipped',
    ]);
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
