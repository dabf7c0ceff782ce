import type { StageOutcome } from './stages.ts';
import type { TargetResult } from './results.ts';

export interface Run {
  readonly startedAt: Date;
  readonly minutes: number;
  readonly stages: readonly StageOutcome[];
  readonly results: readonly TargetResult[];
  readonly problems: readonly string[];
}

/**
 * Returns the closing lines of a run. The last is `N passed, N failed`, and `failed` is 0 only if
 * nothing is wrong.
 */
export function report(run: Run): { readonly lines: readonly string[]; readonly failed: number } {
  const failures = run.results.flatMap(failuresOf);
  // A stage fails with its targets. It counts by itself only if no target explains its failure.
  const stagesWithoutCause = failures.length > 0 ? [] : run.stages.filter(({ succeeded }) => !succeeded);
  const failed = failures.length + stagesWithoutCause.length + run.problems.length;
  const passed = sum(run.results.map(passedOf));
  return {
    failed,
    lines: [
      ...failures.flatMap(({ test, reason }) => [`FAILED  ${test}`, `        ${reason}`]),
      ...run.problems.map((problem) => `FAILED  ${problem}`),
      ...stagesWithoutCause.map(({ name }) => `FAILED  ${name}`),
      '',
      ...tableOf(run),
      '',
      ...stageLines(run),
      // The names are repeated at the end, since logs are often truncated.
      ...failures.map(({ test }) => `FAILED  ${test}`),
      `${passed} passed, ${failed} failed`,
    ],
  };
}

interface Failure {
  readonly test: string;
  readonly reason: string;
}

function failuresOf({ target, succeeded, broken = [], tests = [] }: TargetResult): readonly Failure[] {
  const failures = [
    ...broken.map(({ file, reason }) => ({ test: `${target}  ${file}`, reason: `did not run: ${reason}` })),
    ...tests
      .filter(({ status }) => status === 'failed')
      .map(({ file, name, reason = '' }) => ({ test: `${target}  ${file} > ${name}`, reason })),
  ];
  if (failures.length > 0 || succeeded) return failures;
  return [{ test: target, reason: 'the command failed: its output is above' }];
}

/** The number of passed tests. A target without tests counts as one. */
const passedOf = ({ succeeded, passed }: TargetResult): number => passed ?? (succeeded ? 1 : 0);

function tableOf({ results, startedAt }: Run): readonly string[] {
  const ran = results.filter((result) => !isReplayed(result, startedAt));
  return [
    ' wall min   CPU min   passed',
    ...results.map((result) => inWords(result, startedAt)),
    `${figure(sum(ran.map(({ minutes }) => minutes)))} ` +
      `${figure(sum(ran.map(({ cpuMinutes = 0 }) => cpuMinutes)))}           all ${ran.length} targets ` +
      `that ran; ${results.length - ran.length} were replayed`,
  ];
}

const isReplayed = ({ finishedAt }: TargetResult, startedAt: Date): boolean =>
  new Date(finishedAt) < startedAt;

function inWords(result: TargetResult, startedAt: Date): string {
  const { target, minutes, cpuMinutes = 0, finishedAt } = result;
  const line = `${figure(minutes)} ${figure(cpuMinutes)} ${String(passedOf(result)).padStart(8)}  ${target}`;
  if (!isReplayed(result, startedAt)) return line;
  return `${line}  (replayed: passed ${ageOf(new Date(finishedAt), startedAt)} ago with the same inputs)`;
}

/** Returns the age in its largest useful unit, such as `40 min`, `5 h` or `3 days`. */
export function ageOf(then: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - then.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** The duration of each stage and of the run. Stages may overlap, so they do not add up. */
const stageLines = ({ stages, minutes: all }: Run): readonly string[] => [
  ...stages.map(
    ({ name, succeeded, minutes, cpuShare }) =>
      `${succeeded ? 'ok    ' : 'FAILED'} ${figure(minutes)} min  ${inPercent(cpuShare)} of the CPUs  ${name}`,
  ),
  `       ${figure(all)} min                    in total`,
];

const inPercent = (share: number): string => `${Math.round(share * 100)}%`.padStart(4);
const figure = (minutes: number): string => minutes.toFixed(2).padStart(9);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
