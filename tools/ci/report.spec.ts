import { describe, expect, it } from '@jest/globals';
import { ageOf, report } from './report.ts';
import type { TargetResult } from './results.ts';

const startedAt = new Date('2026-11-21T12:00:00Z');
const stage = { name: 'unit tests', succeeded: true, minutes: 1, cpuShare: 0.5 };
const failedStage = { ...stage, succeeded: false };
const suite = (changes: Partial<TargetResult> = {}): TargetResult => ({
  target: '@acme/order:test',
  succeeded: true,
  minutes: 0.5,
  cpuMinutes: 0.75,
  finishedAt: '2026-11-21T12:01:00Z',
  passed: 3,
  failed: 0,
  skipped: 0,
  broken: [],
  tests: [],
  ...changes,
});
const check = (changes: Partial<TargetResult> = {}): TargetResult => ({
  target: '@acme/order:lint',
  succeeded: true,
  minutes: 0.1,
  finishedAt: '2026-11-21T12:01:00Z',
  ...changes,
});
const told = (results: readonly TargetResult[], stages = [stage], problems: readonly string[] = []) =>
  report({ startedAt, minutes: 1, stages, results, problems });

describe('the report of a run', () => {
  it('counts each test of a suite, and a check as one test', () => {
    const { lines, failed } = told([suite(), check()]);
    expect(lines.at(-1)).toBe('4 passed, 0 failed');
    expect(failed).toBe(0);
  });

  it('names the results that were replayed and their age', () => {
    const { lines } = told([suite({ finishedAt: '2026-11-21T09:00:00Z' })]);
    expect(lines.join('\n')).toMatch(/order:test {2}\(replayed: passed 3 h ago with the same inputs\)/);
    expect(lines.join('\n')).toContain('all 0 targets that ran; 1 were replayed');
  });

  it('names each failed test with its reason, and once more at the end', () => {
    const tests = [{ file: 'a.spec.ts', name: 'adds', status: 'failed', reason: 'expected 2' }];
    const { lines, failed } = told([suite({ succeeded: false, passed: 2, failed: 1, tests })], [failedStage]);
    expect(failed).toBe(1);
    expect(lines.filter((line) => line.includes('a.spec.ts > adds'))).toHaveLength(2);
    expect(lines).toContain('        expected 2');
    expect(lines.at(-1)).toBe('2 passed, 1 failed');
  });

  it('counts a file that did not run as a failure', () => {
    const broken = [{ file: 'b.spec.ts', reason: 'no such module' }];
    const { lines, failed } = told([suite({ succeeded: false, broken })], [failedStage]);
    expect(lines).toContain('        did not run: no such module');
    expect(failed).toBe(1);
  });

  it('counts a command that failed although all its tests passed', () => {
    const tests = [{ file: 'a.spec.ts', name: 'adds', status: 'passed' }];
    expect(told([suite({ succeeded: false, tests })], [failedStage]).failed).toBe(1);
    expect(told([check({ succeeded: false })], [failedStage]).failed).toBe(1);
  });

  it('counts a stage that failed without a result', () => {
    const { lines, failed } = told([], [failedStage]);
    expect(failed).toBe(1);
    expect(lines).toContain('FAILED  unit tests');
  });

  it('counts a problem that no test reports', () => {
    const { lines, failed } = told([suite()], [stage], ['guarantee L1 names no test']);
    expect(failed).toBe(1);
    expect(lines).toContain('FAILED  guarantee L1 names no test');
  });
});

it.each([
  ['2026-11-21T11:20:00Z', '40 min'],
  ['2026-11-21T07:00:00Z', '5 h'],
  ['2026-11-18T12:00:00Z', '3 days'],
])('the age of a result of %s is %s', (then, age) => {
  expect(ageOf(new Date(then), startedAt)).toBe(age);
});
