import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const workspace = join(import.meta.dirname, '..');
export const resultsFolder = join(workspace, 'tmp/test-results');

/** For a command that always runs everything: what stands behind `--` is told, instead of an hour spent on something else. */
export function takesNoArguments(command: string): void {
  const given = process.argv.slice(2);
  if (given.length === 0) return;
  process.stderr.write(
    `${command} runs everything and takes no arguments such as ${given.join(' ')}: docs/HACKING.md has how one project or file is tested\n`,
  );
  process.exit(2);
}

/** A command that CI runs; it has passed when it exits 0. */
export interface Check {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Beside what is there already. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CheckOutcome {
  readonly name: string;
  readonly passed: boolean;
  readonly minutes: number;
}

/** What one Jest project wrote through `jest-summary-reporter`. */
export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly broken: readonly string[];
  readonly minutes: number;
  readonly tests: ReadonlyArray<{
    readonly file: string;
    readonly name: string;
    readonly status: string;
    readonly reason?: string;
  }>;
}

/** Runs the checks one after the other; a failed one does not stop the rest. */
export async function runChecks(checks: readonly Check[]): Promise<readonly CheckOutcome[]> {
  const outcomes: CheckOutcome[] = [];
  for (const check of checks) {
    process.stdout.write(`\n=== ${check.name}\n`);
    const startedAt = performance.now();
    const passed = (await run(check)) === 0;
    outcomes.push({ name: check.name, passed, minutes: (performance.now() - startedAt) / 60_000 });
  }
  return outcomes;
}

function run({ command, arguments: args, environment }: Check): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd: workspace,
      stdio: 'inherit',
      env: { ...process.env, NX_TUI: 'false', ...environment },
    });
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

export function readSuiteResults(): ReadonlyMap<string, SuiteResult> {
  if (!existsSync(resultsFolder)) return new Map();
  const files = readdirSync(resultsFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  return new Map(
    files.map((file) => [
      file.slice(0, -'.json'.length),
      JSON.parse(readFileSync(join(resultsFolder, file), 'utf8')) as SuiteResult,
    ]),
  );
}

/**
 * Prints what failed with its reason, minutes per check and the counts of every suite, what failed by name once more (a log is often cut off at one end),
 * then the line that sums all; true when nothing failed.
 */
export function report(outcomes: readonly CheckOutcome[]): boolean {
  const suites = readSuiteResults();
  const failedByName = failures(suites);
  process.stdout.write('\n');
  for (const { test, reason } of failedByName) process.stdout.write(`FAILED  ${test}\n        ${reason}\n`);
  for (const { name, passed, minutes } of outcomes)
    process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${minutes.toFixed(2).padStart(6)} min  ${name}\n`);
  for (const [name, { passed, failed, skipped, broken, minutes }] of [...suites].sort())
    process.stdout.write(
      `${minutes.toFixed(2).padStart(6)} min ${String(passed).padStart(5)} passed ${String(failed).padStart(3)} failed ${String(skipped).padStart(3)} skipped${broken.length > 0 ? ` ${broken.length} files did not run` : ''}  ${name}\n`,
    );
  for (const { test } of failedByName) process.stdout.write(`FAILED  ${test}\n`);
  const counted = [...suites.values()];
  const tests = sum(counted.map((suite) => suite.passed));
  const failedTests = sum(counted.map((suite) => suite.failed + suite.broken.length));
  const failedChecks = outcomes.filter((outcome) => !outcome.passed).length;
  // A check that only reports failing tests counts once, as those tests.
  const failed =
    failedTests > 0
      ? failedTests + outcomes.filter((outcome) => !outcome.passed && !runsTests(outcome)).length
      : failedChecks;
  const skipped = sum(counted.map((suite) => suite.skipped));
  if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
  process.stdout.write(
    `${tests + outcomes.filter((outcome) => outcome.passed && !runsTests(outcome)).length} passed, ${failed} failed\n`,
  );
  return failed === 0;
}

interface Failure {
  readonly test: string;
  readonly reason: string;
}

const failures = (suites: ReadonlyMap<string, SuiteResult>): readonly Failure[] =>
  [...suites].flatMap(([suite, { broken, tests }]) => [
    ...broken.map((file) => ({ test: `${suite}  ${file}`, reason: 'did not run' })),
    ...tests
      .filter(({ status }) => status === 'failed')
      .map(({ file, name, reason = '' }) => ({
        test: `${suite}  ${relative(workspace, file)} > ${name}`,
        reason,
      })),
  ]);

const runsTests = ({ name }: CheckOutcome): boolean => /\btests\b/.test(name) && !name.startsWith('tools');
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
