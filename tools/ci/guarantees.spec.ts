import { describe, expect, it } from '@jest/globals';
import { checkGuarantees, type GuaranteesCheck } from './guarantees.ts';
import type { TargetResult } from './results.ts';

const startedAt = new Date('2026-11-21T12:00:00Z');
const file = 'libs/a/src/a.spec.ts';
const ran = (status: string, finishedAt = '2026-11-21T12:01:00Z', of = file): readonly TargetResult[] => [
  {
    target: '@acme/a:test',
    succeeded: true,
    minutes: 1,
    finishedAt,
    tests: [{ file: of, name: 'a log X01 keeps it', status }],
  },
];
const proofIn = (where: string) => [{ file: where, ids: ['X01'], title: 'keeps it' }];
const check = (given: Partial<GuaranteesCheck>) =>
  checkGuarantees({
    promises: ['X01'],
    proofs: proofIn(file),
    results: [],
    verified: [],
    startedAt,
    inCi: true,
    ...given,
  });

describe('a guarantee', () => {
  it('holds when the tests with its id passed', () => {
    expect(check({ results: ran('passed') }).problems).toEqual([]);
  });

  it('holds by an earlier result with the same inputs and reports its age', () => {
    const { problems, summary } = check({ results: ran('passed', '2026-11-21T10:00:00Z') });
    expect(problems).toEqual([]);
    expect(summary).toContain('0 of their tests ran, 1 were replayed (the oldest of 2 h ago)');
  });

  it('holds by the last `npm run verify` if CI does not run its test, and reports the age', () => {
    const { problems, summary } = check({ verified: ran('passed', '2026-11-18T12:00:00Z') });
    expect(problems).toEqual([]);
    expect(summary).toContain('1 passed in npm run verify (the oldest of 3 days ago)');
  });

  it('does not hold by `npm run verify` if its test has failed in CI since', () => {
    const problems = ['guarantee X01: "a log X01 keeps it" in libs/a/src/a.spec.ts did not pass'];
    expect(check({ results: ran('failed'), verified: ran('passed') }).problems).toEqual(problems);
  });

  it('does not hold if one of its files did not run', () => {
    const proofs = [...proofIn(file), ...proofIn('libs/a/src/b.spec.ts')];
    const problems = ['guarantee X01: no test with its id ran in libs/a/src/b.spec.ts'];
    expect(check({ proofs, results: ran('passed') }).problems).toEqual(problems);
  });

  it('is left to CI when its test takes minutes', () => {
    const proofs = proofIn('test/e2e/src/kills.ci.spec.ts');
    expect(check({ proofs, inCi: false }).problems).toEqual([]);
    expect(check({ proofs }).problems).toHaveLength(1);
    expect(check({ inCi: false }).problems).toHaveLength(1);
  });

  it('holds by any run if only a shared suite or a long run has its id, and not without one', () => {
    const proofs = proofIn('tools/verify/chaos.ts');
    const verified = ran('passed', '2026-11-18T12:00:00Z', 'docs/reports/chaos.md');
    expect(check({ proofs, verified }).problems).toEqual([]);
    expect(check({ proofs }).problems).toEqual(['guarantee X01: no test with its id ran']);
  });
});
