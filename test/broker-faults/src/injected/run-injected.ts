import { seededRandom } from '@millrace/testing/random';
import type { RunOptions } from '../main.ts';
import { everyMinute } from '../progress.ts';
import type { FaultsFound } from '../report.ts';
import { shuffled } from '../shuffled.ts';
import { countCallsOfRun, runInjected } from './injected-run.ts';
import { diskCalls, inWords, type DiskSystemCall, type Injection } from './injection.ts';

type Series = Pick<Injection, 'call' | 'fault'>;

/** `write` is left out: it mostly goes to something other than a disk. */
const failing: readonly DiskSystemCall[] = [
  'pwrite64',
  'fdatasync',
  'fsync',
  'rename',
  'unlink',
  'ftruncate',
  'mkdir',
];
const series: readonly Series[] = [
  ...diskCalls.map((call): Series => ({ call, fault: 'killed' })),
  ...failing.flatMap((call): Series[] => [
    { call, fault: 'EIO' },
    { call, fault: 'ENOSPC' },
  ]),
];
/**
 * The slice continues until at least this many faults have happened, however slow the machine is.
 */
const quick = { runs: 4, untilMs: 9_000, atLeast: 2 };

/**
 * Kills the broker's process with kill -9, or fails its call, at the n-th system call of a kind. A
 * whole run tries as many n as time allows, the slice for CI a few that the seed chooses.
 */
export async function runInjections({
  quick: isQuick,
  seed,
  print,
  minutesMax,
  range,
}: RunOptions): Promise<FaultsFound> {
  const startedAt = performance.now();
  const random = seededRandom(seed);
  const counts = await countCallsOfRun(random);
  print(`system calls of a run: ${[...counts].map(([call, count]) => `${call} ${count}`).join(', ')}`);
  const inRange = ({ nth }: Injection) => nth >= range.from && nth <= range.to;
  const all = series.flatMap((each) => injectionsOf(each, counts.get(each.call) ?? 0)).filter(inRange);
  const tried = new Map<string, number>();
  const problems: string[] = [];
  const say = everyMinute((count: number) =>
    print(`${count} of ${all.length} injections, ${problems.length} violations`),
  );
  const untilMs = startedAt + (isQuick ? quick.untilMs : minutesMax * 60_000);
  for (const [index, injection] of mixed(all, random).entries()) {
    const isEnough =
      total(tried) >= quick.atLeast && ((isQuick && index >= quick.runs) || performance.now() > untilMs);
    if (isEnough) break;
    const { happened, problems: found } = await runInjected(injection, random);
    if (happened) tried.set(nameOf(injection), (tried.get(nameOf(injection)) ?? 0) + 1);
    for (const problem of found) print(`${inWords(injection)}: ${problem}`);
    problems.push(...found.map((problem) => `${inWords(injection)}: ${problem}`));
    say(index + 1);
  }
  const made = series.filter(({ call }) => (counts.get(call) ?? 0) > 0);
  const rows = made.map((each) => ({
    what: nameOf(each),
    tried: tried.get(nameOf(each)) ?? 0,
    violations: problems.filter((problem) => problem.startsWith(`${each.fault} at ${each.call} `)).length,
    note: `of ${counts.get(each.call) ?? 0}`,
  }));
  return {
    rows,
    problems,
  };
}

const total = (tried: ReadonlyMap<string, number>): number =>
  [...tried.values()].reduce((sum, count) => sum + count, 0);

/** Alternates kills and errors while both are left. */
function mixed(all: readonly Injection[], random: () => number): readonly Injection[] {
  const [kills, errors] = [true, false].map((kills) =>
    shuffled(
      all.filter(({ fault }) => (fault === 'killed') === kills),
      random,
    ),
  );
  return Array.from({ length: all.length }, (_, index) =>
    [kills?.[index], errors?.[index]].filter((each) => each !== undefined),
  ).flat();
}

const nameOf = ({ call, fault }: Series): string =>
  `${fault === 'killed' ? 'kill -9' : fault} of the process at the n-th ${call}`;

const injectionsOf = (each: Series, count: number): readonly Injection[] =>
  Array.from({ length: count }, (_, index) => ({ ...each, nth: index + 1 }));
