import { describe, expect, it } from '@jest/globals';
import { checkGuarantees } from './guarantees.ts';
import type { TargetResult } from './results.ts';

const startedAt = new Date('2026-11-21T12:00:00Z');
const page = '# Guarantees\n\n### L1. Nothing is lost.\n\n- `a > keeps it`\n';
const specs = ['libs/a/src/a.spec.ts', 'libs/a/src/a.int.spec.ts', 'test/e2e/src/kills.ci.spec.ts'];
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
  checkGuarantees({ text, specs, results, verified: [], startedAt, inCi });

describe('a guarantee', () => {
  it('holds when the test that it names passed', () => {
    expect(check(page, ran('passed')).problems).toEqual([]);
  });

  it('may name several tests below the name of their file', () => {
    const nested = page.replace('- `a > keeps it`', '- `a`\n  - `keeps it`\n  - `loses it`');
    expect(check(nested, ran('passed')).problems).toEqual([
      'guarantee L1: no test "loses it" ran in libs/a/src/a.spec.ts',
    ]);
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
      specs,
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
    expect(
      checkGuarantees({ text: page, specs, results, verified, startedAt, inCi: true }).problems,
    ).toHaveLength(1);
  });

  it.each([
    ['did not pass', page, ran('failed'), 'guarantee L1: "keeps it" in libs/a/src/a.spec.ts did not pass'],
    ['did not run', page, [], 'guarantee L1: no test "keeps it" ran in libs/a/src/a.spec.ts'],
    ['is not named', '### L1. Nothing is lost.\n', ran('passed'), 'guarantee L1 names no test'],
    [
      'is in a file that does not exist',
      page.replace('`a >', '`src/gone >'),
      ran('passed'),
      'guarantee L1: there is no file src/gone.spec.ts',
    ],
    ['has no entry', 'nothing', ran('passed'), 'docs/GUARANTEES.md lists no guarantee'],
  ])('is a problem when its test %s', (_what, text, results, problem) => {
    expect(check(text, results).problems).toEqual([problem]);
  });

  it('is left to CI when its test takes minutes and its file exists', () => {
    const left = page.replace('`a >', '`kills.ci >');
    expect(check(left, [], false).problems).toEqual([]);
    expect(check(left, [], true).problems).toHaveLength(1);
    expect(check(page.replace('`a >', '`gone.ci >'), [], false).problems).toHaveLength(1);
  });

  it('holds by the record of a long run, and is a problem in CI without one', () => {
    const run = 'docs/reports/chaos.md';
    const text = page.replace('`a >', `\`${run} >`);
    const tests = [{ file: run, name: 'keeps it (seed 1)', status: 'passed' }];
    const verified = ran('passed').map((result) => ({ ...result, target: 'verify:chaos', tests }));
    const options = { text, specs, results: [], startedAt, inCi: true };
    expect(checkGuarantees({ ...options, verified }).problems).toEqual([]);
    expect(checkGuarantees({ ...options, verified: [] }).problems).toHaveLength(1);
  });

  it('is a problem when several files have the name, until more of the path is written', () => {
    const two = [...specs, 'libs/b/src/a.spec.ts'];
    const checkWithTwo = (text: string) =>
      checkGuarantees({ text, specs: two, results: ran('passed'), verified: [], startedAt, inCi: true });
    expect(checkWithTwo(page).problems).toEqual([
      'guarantee L1: a may be libs/a/src/a.spec.ts or libs/b/src/a.spec.ts: write more of the path',
    ]);
    expect(checkWithTwo(page.replace('`a >', '`a/src/a >')).problems).toEqual([]);
  });
});
