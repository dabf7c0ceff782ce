import { describe, expect, it } from '@jest/globals';
import { checkGuarantees } from './guarantees.ts';
import type { TargetResult } from './results.ts';

const startedAt = new Date('2026-11-21T12:00:00Z');
const page = '# Guarantees\n\n### L1. Nothing is lost.\n\n- `libs/a/src/a.spec.ts > keeps it`\n';
const ran = (status: string, finishedAt = '2026-11-21T12:01:00Z'): readonly TargetResult[] => [
  {
    target: '@acme/a:test',
    succeeded: true,
    minutes: 1,
    finishedAt,
    tests: [{ file: 'libs/a/src/a.spec.ts', name: 'a log keeps it', status }],
  },
];
const check = (text: string, results: readonly TargetResult[], inCi = true) =>
  checkGuarantees({ text, results, verified: [], startedAt, inCi });

describe('a guarantee', () => {
  it('holds when the test that it names passed', () => {
    expect(check(page, ran('passed')).problems).toEqual([]);
  });

  it('holds by an earlier result with the same inputs and reports its age', () => {
    const { problems, summary } = check(page, ran('passed', '2026-11-21T10:00:00Z'));
    expect(problems).toEqual([]);
    expect(summary).toContain('0 of their tests ran, 1 were replayed (the oldest of 2 h ago)');
  });

  it('holds by the last `npm run verify` if CI does not run its test, and reports the age', () => {
    const verified = ran('passed', '2026-11-18T12:00:00Z');
    const { problems, summary } = checkGuarantees({
      text: page,
      results: [],
      verified,
      startedAt,
      inCi: true,
    });
    expect(problems).toEqual([]);
    expect(summary).toContain('1 passed in npm run verify (the oldest of 3 days ago)');
  });

  it('does not hold by `npm run verify` if its test has failed in CI since', () => {
    const verified = ran('passed', '2026-11-18T12:00:00Z');
    const results = ran('failed');
    expect(checkGuarantees({ text: page, results, verified, startedAt, inCi: true }).problems).toHaveLength(
      1,
    );
  });

  it.each([
    ['did not pass', page, ran('failed'), 'guarantee L1: "keeps it" in libs/a/src/a.spec.ts did not pass'],
    ['did not run', page, [], 'guarantee L1: no test "keeps it" ran in libs/a/src/a.spec.ts'],
    ['is not named', '### L1. Nothing is lost.\n', ran('passed'), 'guarantee L1 names no test'],
    ['has no entry', 'nothing', ran('passed'), 'docs/GUARANTEES.md lists no guarantee'],
  ])('is a problem when its test %s', (_what, text, results, problem) => {
    expect(check(text, results).problems).toEqual([problem]);
  });

  it('is left to CI when its test takes minutes and its file exists', () => {
    const left = page.replaceAll('libs/a/src/a.spec.ts', 'test/e2e/src/kills.ci.spec.ts');
    expect(check(left, [], false).problems).toEqual([]);
    expect(check(left, [], true).problems).toHaveLength(1);
    expect(check(page.replaceAll('a.spec.ts', 'gone.ci.spec.ts'), [], false).problems).toHaveLength(1);
  });
});
