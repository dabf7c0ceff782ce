import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workspace } from '../workspace.ts';

export const resultsFolder = join(workspace, 'tmp/test-results');

/** What a run of Jest counted, as `jest-counts-reporter.mjs` writes it. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Files that Jest could not run, relative to the workspace. */
  readonly broken: readonly string[];
  readonly tests: readonly TestResult[];
}

export interface TestResult {
  /** Relative to the workspace. */
  readonly file: string;
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
}

/** What one Nx target left behind. Nx keeps it with the target's other outputs and brings it back on a replay. */
export interface TargetResult extends Partial<TestCounts> {
  /** As Nx calls it: `@millrace/order:test-int`. */
  readonly target: string;
  readonly succeeded: boolean;
  readonly minutes: number;
  /** Of the command and everything that it started and waited for; absent where the system does not tell. */
  readonly cpuMinutes?: number;
  /** ISO 8601, when it really ran. */
  readonly finishedAt: string;
}

const fileOf = (target: string): string => join(resultsFolder, `${target.replace(':', '.')}.json`);

export function writeResult(result: TargetResult): void {
  const file = fileOf(result.target);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(result));
}

/** In the order of their names. */
export function readResults(): readonly TargetResult[] {
  if (!existsSync(resultsFolder)) return [];
  return readdirSync(resultsFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(resultsFolder, file), 'utf8')) as TargetResult);
}
