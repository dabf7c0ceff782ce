import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readResults, resultsFolder } from '../ci/results.ts';
import { workspace } from '../workspace.ts';
import { commit, countOf, runLogged, writePage, type LongRun } from './long-run.ts';

interface SoakRun {
  readonly number: number;
  readonly minutes: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The failed tests, the files that did not run, or a line that the command itself failed. */
  readonly failures: readonly string[];
}

const runsByDefault = 20;

/**
 * Repeats the end-to-end suite. A test that fails once in twenty runs counts as a fault of the
 * product until shown otherwise.
 */
export const soak: LongRun = {
  summary:
    `[--runs ${runsByDefault}] [--long]: the end-to-end suite that many times in a row, ` +
    'and with --long the kills and outages as well; writes docs/reports/soak.md',
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        runs: { type: 'string', default: String(runsByDefault) },
        long: { type: 'boolean', default: false },
      },
    });
    const wanted = countOf('--runs', values.runs);
    const startedAt = new Date();
    const onCommit = commit();
    const runs: SoakRun[] = [];
    while (runs.length < wanted) {
      runs.push(await runSuite(runs.length + 1, values.long));
      process.stdout.write(`${inWords(runs.at(-1)!)}\n`);
      writePage(pageOf(runs, wanted, args), startedAt, onCommit);
    }
    process.stdout.write(`${total(runs)}\n`);
    return runs.every(({ failures }) => failures.length === 0);
  },
};

async function runSuite(number: number, long: boolean): Promise<SoakRun> {
  rmSync(resultsFolder, { recursive: true, force: true });
  const targets = long ? ['test-e2e', 'test-ci'] : ['test-e2e'];
  const logFile = join(workspace, 'tmp/soak', `run-${String(number).padStart(2, '0')}.log`);
  const { passed: exitedWell, minutes } = await runLogged(
    'nx',
    ['run-many', '-p', '@millrace/e2e', '-t', ...targets, '--parallel=1', '--outputStyle=static'],
    logFile,
  );
  const results = readResults();
  const count = (key: 'passed' | 'failed' | 'skipped') =>
    results.reduce((sum, result) => sum + (result[key] ?? 0), 0);
  const broken = results.flatMap(({ broken = [] }) =>
    broken.map(({ file, reason }) => `${file} did not run: ${reason}`),
  );
  const failedTests = results.flatMap(({ tests = [] }) =>
    tests.filter(({ status }) => status === 'failed').map(({ name }) => name),
  );
  const failures = [...failedTests, ...broken];
  if (!exitedWell && failures.length === 0) failures.push(`the command failed: ${logFile}`);
  return {
    number,
    minutes,
    passed: count('passed'),
    failed: failures.length,
    skipped: count('skipped'),
    failures,
  };
}

const inWords = ({ number, minutes, passed, failed, skipped, failures }: SoakRun): string =>
  [
    `run ${String(number).padStart(2)}  ${minutes.toFixed(2).padStart(6)} min  ${passed} passed, ` +
      `${failed} failed, ${skipped} skipped`,
    ...failures.map((failure) => `        ${failure}`),
  ].join('\n');

/** The closing line in the form of `npm test`, over all runs. */
const total = (runs: readonly SoakRun[]): string =>
  `${runs.reduce((sum, { passed }) => sum + passed, 0)} passed, ` +
  `${runs.reduce((sum, { failed }) => sum + failed, 0)} failed`;

function pageOf(runs: readonly SoakRun[], wanted: number, args: readonly string[]) {
  return {
    path: 'docs/reports/soak.md',
    title: 'Soak',
    command: ['npm run verify -- soak', ...args].join(' '),
    about:
      `The end-to-end suite ran ${runs.length} of ${wanted} times in a row on one machine, ` +
      'with new stacks each time and new seeds for the random tests.',
    columns: ['run', 'minutes', 'passed', 'failed', 'skipped'],
    rows: runs.map(({ number, minutes, passed, failed, skipped }) => [
      number,
      minutes.toFixed(2),
      passed,
      failed,
      skipped,
    ]),
    closing: [
      ...runs.flatMap(({ number, failures }) => failures.map((failure) => `run ${number}: ${failure}`)),
      total(runs),
    ],
  };
}
