import { ageOf } from './report.ts';
import type { TargetResult } from './results.ts';

export interface GuaranteesCheck {
  /**
   * The text of docs/GUARANTEES.md, which has a heading per promise and a list of its tests, as
   * `file > test name` or below the name of their file.
   */
  readonly text: string;
  /** The paths of all spec files. */
  readonly specs: readonly string[];
  readonly results: readonly TargetResult[];
  /** The results that `npm run verify` recorded for targets that CI does not run. */
  readonly verified: readonly TargetResult[];
  /** The start of this run. An older result was replayed. */
  readonly startedAt: Date;
  /** True in CI. Elsewhere, a test that takes minutes or needs Apache Kafka only has to exist. */
  readonly inCi: boolean;
}

interface Proof {
  readonly problem?: string;
  readonly finishedAt?: string;
  readonly isVerified?: boolean;
}

/**
 * Checks that each test named by a guarantee has passed: in this run, in an earlier run with the
 * same inputs or, if CI does not run it, in the last `npm run verify`.
 */
export function checkGuarantees(check: GuaranteesCheck): {
  readonly problems: readonly string[];
  readonly summary: string;
} {
  const entries = guaranteesIn(check.text);
  if (entries.length === 0) return { problems: ['docs/GUARANTEES.md lists no guarantee'], summary: '' };
  const proofs = entries.flatMap((entry) => proofsOf(entry, check));
  const problems = proofs.flatMap(({ problem }) => problem ?? []);
  const passed = proofs.filter(({ finishedAt }) => finishedAt !== undefined);
  const verified = passed.filter(({ isVerified }) => isVerified);
  const earlier = passed.filter(
    ({ isVerified, finishedAt = '' }) => !isVerified && new Date(finishedAt) < check.startedAt,
  );
  const counts = [
    `${passed.length - earlier.length - verified.length} of their tests ran`,
    `${earlier.length} were replayed${ageOfOldest(earlier, check.startedAt)}`,
    `${verified.length} passed in npm run verify${ageOfOldest(verified, check.startedAt)}`,
    `${proofs.length - passed.length - problems.length} are left to CI`,
    `${problems.length} problems`,
  ];
  return { problems, summary: `${entries.length} guarantees: ${counts.join(', ')}` };
}

function ageOfOldest(proofs: readonly Proof[], now: Date): string {
  const [oldest] = proofs.flatMap(({ finishedAt }) => finishedAt ?? []).sort();
  return oldest === undefined ? '' : ` (the oldest of ${ageOf(new Date(oldest), now)} ago)`;
}

/** The sections of the page, one per promise. */
const guaranteesIn = (text: string): readonly string[] =>
  text.split(/^(?=#+ )/m).filter((section) => /^### [A-Z]\d+\. /.test(section));

function proofsOf(entry: string, check: GuaranteesCheck): readonly Proof[] {
  const id = /^### ([A-Z]\d+)/.exec(entry)?.[1] ?? '';
  const named = testsNamedIn(entry);
  if (named.length === 0) return [{ problem: `guarantee ${id} names no test` }];
  return named.flatMap(({ shortName, name }) =>
    proofsIn(filesNamed(shortName, check.specs), { shortName, name }, check).map(({ problem, ...proof }) =>
      problem === undefined ? proof : { problem: `guarantee ${id}: ${problem}` },
    ),
  );
}

interface NamedTest {
  /** The name of the file without `.spec.ts`, with as much of its path as tells it apart. */
  readonly shortName: string;
  /** A part of the test's full name. */
  readonly name: string;
}

function testsNamedIn(entry: string): readonly NamedTest[] {
  let shortName = '';
  return entry.split('\n').flatMap((line) => {
    const [, indent, text = ''] = /^( {2})?- `([^`]+)`$/.exec(line) ?? [];
    if (indent !== undefined) return [{ shortName, name: text }];
    const [file = '', ...rest] = text.split(' > ');
    shortName = file;
    return rest.length === 0 ? [] : [{ shortName, name: rest.join(' > ') }];
  });
}

/**
 * The spec files whose paths end in this name, which is written without `.spec.ts`, or the report of a
 * long run, which only `npm run verify` writes.
 */
const filesNamed = (name: string, specs: readonly string[]): readonly string[] =>
  name.startsWith('docs/reports/') ? [name] : specs.filter((path) => `/${path}`.endsWith(`/${name}.spec.ts`));

function proofsIn(
  files: readonly string[],
  { shortName, name }: NamedTest,
  check: GuaranteesCheck,
): readonly Proof[] {
  const [file, ...others] = files;
  if (file === undefined) return [{ problem: `there is no file ${shortName}.spec.ts` }];
  if (others.length > 0)
    return [{ problem: `${shortName} may be ${files.join(' or ')}: write more of the path` }];
  return proofsBy(file, name, check);
}

function proofsBy(
  file: string,
  name: string,
  { results, verified, inCi }: GuaranteesCheck,
): readonly Proof[] {
  const runs = runsOf(file, name, results);
  const isVerified = runs.length === 0;
  const found = isVerified ? runsOf(file, name, verified) : runs;
  if (found.length === 0 && !inCi && /\.(ci|kafka|documents)\.spec\.ts$|\.md$/.test(file)) return [{}];
  if (found.length === 0) return [{ problem: `no test "${name}" ran in ${file}` }];
  if (found.some(({ status }) => status !== 'passed'))
    return [{ problem: `"${name}" in ${file} did not pass` }];
  return found.map(({ finishedAt }) => ({ finishedAt, isVerified }));
}

const runsOf = (file: string, name: string, results: readonly TargetResult[]) =>
  results.flatMap(({ tests = [], finishedAt }) =>
    tests
      .filter((test) => test.file === file && test.name.includes(name))
      .map(({ status }) => ({ status, finishedAt })),
  );
