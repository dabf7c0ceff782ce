import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { ageOf, report } from './report.ts';
import { guaranteesPage, promisesOn, readProofs } from '../../test/architecture/src/guarantees.ts';
import { readResults, resultsFolder, type TargetResult } from './results.ts';
import { readVerified } from './verified.ts';
import { runStages, type Step } from './stages.ts';
import { checkGuarantees } from './guarantees.ts';

interface RunOptions {
  readonly stages: readonly Step[];
  /** True if every test that a guarantee names must be among the results. */
  readonly guarantees: boolean;
}

/** Runs all stages, prints the report and sets the exit code. */
export async function runAndReport(command: string, { stages, guarantees }: RunOptions): Promise<void> {
  takesNoArguments(command);
  rmSync(resultsFolder, { recursive: true, force: true });
  const startedAt = new Date();
  const outcomes = await runStages(stages);
  const minutes = (Date.now() - startedAt.getTime()) / 60_000;
  const results = readResults();
  const problems = guarantees ? guaranteeProblems(results, startedAt) : [];
  const { lines, failed } = report({ startedAt, minutes, stages: outcomes, results, problems });
  process.stdout.write(`\n${lines.join('\n')}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/**
 * Rejects arguments at once. Otherwise a command that always runs everything would ignore them for
 * an hour.
 */
function takesNoArguments(command: string): void {
  const given = process.argv.slice(2);
  if (given.length === 0) return;
  process.stderr.write(
    `${command} runs everything and takes no arguments, but got ${given.join(' ')}: ` +
      `docs/HACKING.md says how to test one project or file\n`,
  );
  process.exit(2);
}

function guaranteeProblems(results: readonly TargetResult[], startedAt: Date): readonly string[] {
  const page = readFileSync(join(workspace, guaranteesPage), 'utf8');
  const { problems, summary } = checkGuarantees({
    promises: promisesOn(page).map(({ id }) => id),
    proofs: readProofs(),
    results,
    verified: readVerified(),
    startedAt,
    inCi: process.env.CI === 'true',
  });
  process.stdout.write(`\n${summary}\n${agesOfRecords(startedAt)}\n`);
  return problems;
}

/** One line about the long runs that only `npm run verify` does, the oldest first. */
const agesOfRecords = (now: Date): string =>
  [
    'passed in npm run verify:',
    [...readVerified()]
      .sort((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1))
      .map(({ target, finishedAt }) => `${target} ${ageOf(new Date(finishedAt), now)} ago`)
      .join(', '),
  ].join(' ');
