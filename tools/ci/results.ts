import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workspace } from '../workspace.ts';

export const resultsFolder = join(workspace, 'tmp/test-results');

/** The counts of a Jest run, as `jest-counts-reporter.mjs` writes them. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly broken: readonly BrokenFile[];
  readonly tests: readonly TestResult[];
}

/** A file that Jest could not run. */
export interface BrokenFile {
  /** Relative to the workspace. */
  readonly file: string;
  readonly reason: string;
}

export interface TestResult {
  /** Relative to the workspace. */
  readonly file: string;
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
}

/**
 * The result of one Nx target. Nx caches it with the target's other outputs and restores it on a
 * replay.
 */
export interface TargetResult extends Partial<TestCounts> {
  /** The name that Nx uses, such as `@millrace/order:test-int`. */
  readonly target: string;
  readonly succeeded: boolean;
  readonly minutes: number;
  /** The CPU time of the command and its descendants; absent if the system does not report it. */
  readonly cpuMinutes?: number;
  /** The time when the target really ran, in ISO 8601. */
  readonly finishedAt: string;
}

const fileOf = (target: string): string => join(resultsFolder, `${target.replace(':', '.')}.json`);

export function writeResult(result: TargetResult): void {
  const file = fileOf(result.target);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(result));
}

export function readResults(): readonly TargetResult[] {
  if (!existsSync(resultsFolder)) return [];
  return readdirSync(resultsFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(resultsFolder, file), 'utf8')) as TargetResult);
}
