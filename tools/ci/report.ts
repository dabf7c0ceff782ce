import type { StageOutcome } from './stages.ts';
import type { TargetResult } from './results.ts';

export interface Run {
  readonly startedAt: Date;
  readonly minutes: number;
  readonly stages: readonly StageOutcome[];
  readonly results: readonly TargetResult[];
  /** One line each: what is wrong beside targets that failed. */
  readonly problems: readonly string[];
}

/** The lines that a run ends with, the last of which is `N passed, N failed`; `failed` is 0 only when everything is well. */
export function report(run: Run): { readonly lines: readonly string[]; readonly failed: number } {
  const failures = run.results.flatMap(failuresOf);
  // A stage fails with its targets; alone it counts only where no target tells why.
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
      // Once more by name: a log is often cut off at one end.
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
    ...broken.map((file) => ({ test: `${target}  ${file}`, reason: 'did not run' })),
    ...tests
      .filter(({ status }) => status === 'failed')
      .map(({ file, name, reason = '' }) => ({ test: `${target}  ${file} > ${name}`, reason })),
  ];
  if (failures.length > 0 || succeeded) return failures;
  return [{ test: target, reason: 'the command failed: its output is above' }];
}

/** A target without tests counts as one check. */
const passedOf = ({ succeeded, passed }: TargetResult): number => passed ?? (succeeded ? 1 : 0);

interface Line {
  readonly name: string;
  readonly minutes: number;
  readonly cpuMinutes: number;
  readonly passed: number;
  readonly replayed: number;
  readonly targets: number;
  /** The oldest of what was replayed. */
  readonly oldest?: Date;
}

/** One line per target, but one for all lint targets: 27 lines of seconds hide the others. */
function tableOf({ results, startedAt }: Run): readonly string[] {
  const groups = Map.groupBy(results, ({ target }) => (target.endsWith(':lint') ? 'lint' : target));
  const lines = [...groups].map(([name, members]) => lineOf(name, members, startedAt));
  const ran = results.filter((result) => !isReplayed(result, startedAt));
  return [
    ' wall min   CPU min   passed',
    ...lines.map((line) => inWords(line, startedAt)),
    `${figure(sum(ran.map(({ minutes }) => minutes)))} ${figure(sum(ran.map(({ cpuMinutes = 0 }) => cpuMinutes)))}           all ${ran.length} targets that ran; ${results.length - ran.length} were replayed`,
  ];
}

const isReplayed = ({ finishedAt }: TargetResult, startedAt: Date): boolean =>
  new Date(finishedAt) < startedAt;

function lineOf(name: string, members: readonly TargetResult[], startedAt: Date): Line {
  const replayed = members.filter((member) => isReplayed(member, startedAt));
  const [oldest] = replayed.map(({ finishedAt }) => finishedAt).sort();
  return {
    name,
    minutes: sum(members.map(({ minutes }) => minutes)),
    cpuMinutes: sum(members.map(({ cpuMinutes = 0 }) => cpuMinutes)),
    passed: sum(members.map(passedOf)),
    replayed: replayed.length,
    targets: members.length,
    ...(oldest !== undefined && { oldest: new Date(oldest) }),
  };
}

function inWords(line: Line, startedAt: Date): string {
  const start = `${figure(line.minutes)} ${figure(line.cpuMinutes)} ${String(line.passed).padStart(8)}  ${line.name}`;
  if (line.oldest === undefined) return start;
  const which = line.targets === 1 ? '' : `${line.replayed} of ${line.targets} `;
  return `${start}  (${which}replayed: passed ${ageOf(line.oldest, startedAt)} ago with the same inputs)`;
}

/** In the largest unit that leaves a whole number: `40 min`, `5 h`, `3 days`. */
export function ageOf(then: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - then.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** Some run at the same time, so their sum is no time of the whole. */
const stageLines = ({ stages, minutes: all }: Run): readonly string[] => [
  ...stages.map(
    ({ name, succeeded, minutes }) => `${succeeded ? 'ok    ' : 'FAILED'} ${figure(minutes)} min  ${name}`,
  ),
  `       ${figure(all)} min  in all`,
];

const figure = (minutes: number): string => minutes.toFixed(2).padStart(9);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
