import type { Proof } from '../../test/architecture/src/guarantees.ts';
import { ageOf } from './report.ts';
import type { TargetResult } from './results.ts';

export interface GuaranteesCheck {
  /** The ids of all promises. */
  readonly promises: readonly string[];
  readonly proofs: readonly Proof[];
  readonly results: readonly TargetResult[];
  /** The results that `npm run verify` recorded for targets that CI does not run. */
  readonly verified: readonly TargetResult[];
  /** The start of this run. An older result was replayed. */
  readonly startedAt: Date;
  /** True in CI. Elsewhere, a test that takes minutes or needs Apache Kafka only has to exist. */
  readonly inCi: boolean;
}

interface Outcome {
  readonly problem?: string;
  readonly finishedAt?: string;
  readonly isVerified?: boolean;
}

/**
 * Checks that the tests with a promise's id have passed in each of their files: in this run, in an
 * earlier run with the same inputs or, if CI does not run them, in the last `npm run verify`.
 */
export function checkGuarantees(check: GuaranteesCheck): {
  readonly problems: readonly string[];
  readonly summary: string;
} {
  const outcomes = check.promises.flatMap((id) =>
    specsOf(id, check.proofs).flatMap((file) => outcomesOf(id, file, check)),
  );
  const problems = outcomes.flatMap(({ problem }) => problem ?? []);
  const passed = outcomes.filter(({ finishedAt }) => finishedAt !== undefined);
  const verified = passed.filter(({ isVerified }) => isVerified);
  const earlier = passed.filter(
    ({ isVerified, finishedAt = '' }) => !isVerified && new Date(finishedAt) < check.startedAt,
  );
  const counts = [
    `${passed.length - earlier.length - verified.length} of their tests ran`,
    `${earlier.length} were replayed${ageOfOldest(earlier, check.startedAt)}`,
    `${verified.length} passed in npm run verify${ageOfOldest(verified, check.startedAt)}`,
    `${outcomes.length - passed.length - problems.length} files are left to CI`,
    `${problems.length} problems`,
  ];
  return { problems, summary: `${check.promises.length} guarantees: ${counts.join(', ')}` };
}

function ageOfOldest(outcomes: readonly Outcome[], now: Date): string {
  const [oldest] = outcomes.flatMap(({ finishedAt }) => finishedAt ?? []).sort();
  return oldest === undefined ? '' : ` (the oldest of ${ageOf(new Date(oldest), now)} ago)`;
}

/** The spec files with the id. None if only a shared suite or a long run has it: then any run counts. */
function specsOf(id: string, proofs: readonly Proof[]): ReadonlyArray<string | undefined> {
  const files = proofs.filter(({ ids }) => ids.includes(id)).map(({ file }) => file);
  const specs = [...new Set(files.filter((file) => file.endsWith('.spec.ts')))];
  return specs.length === 0 ? [undefined] : specs;
}

function outcomesOf(
  id: string,
  file: string | undefined,
  { results, verified, inCi }: GuaranteesCheck,
): readonly Outcome[] {
  const runs = runsOf(id, file, results);
  const isVerified = runs.length === 0;
  const found = isVerified ? runsOf(id, file, verified) : runs;
  const isSlow = file === undefined || /\.(ci|kafka|documents)\.spec\.ts$/.test(file);
  if (found.length === 0 && isSlow && !inCi) return [{}];
  const where = file === undefined ? '' : ` in ${file}`;
  if (found.length === 0) return [{ problem: `guarantee ${id}: no test with its id ran${where}` }];
  const bad = found.find(({ status }) => status !== 'passed');
  return bad === undefined
    ? found.map(({ finishedAt }) => ({ finishedAt, isVerified }))
    : [{ problem: `guarantee ${id}: "${bad.name}"${where} did not pass` }];
}

const runsOf = (id: string, file: string | undefined, results: readonly TargetResult[]) =>
  results.flatMap(({ tests = [], finishedAt }) =>
    tests
      .filter((test) => (file ?? test.file) === test.file && ` ${test.name}`.includes(` ${id} `))
      .map(({ name, status }) => ({ name, status, finishedAt })),
  );
