import { seededRandom } from '@millrace/testing/random';
import type { RunOptions } from '../main.ts';
import { everyMinute } from '../progress.ts';
import type { FaultsFound } from '../report.ts';
import { shuffled } from '../shuffled.ts';
import { countCalls, runOnFailingDisk, type DiskFault } from './failing-run.ts';

type Series = Omit<DiskFault, 'nth'>;

const series: readonly Series[] = (['write', 'sync', 'make', 'rename'] as const).flatMap((kind) => [
  { code: 'EIO', kind, lasting: false } as const,
  { code: 'ENOSPC', kind, lasting: false } as const,
  { code: 'ENOSPC', kind, lasting: true } as const,
]);
/** The slice tries each fault at least once, however slow the machine is. */
const quick = { runsEach: 2, untilMs: 14_000 };

const inWords = ({ code, kind, lasting }: Series): string =>
  `${code} at the n-th ${kind}${lasting ? ' and every later one' : ''}`;

/**
 * Fails the n-th call of each kind with EIO or ENOSPC. A whole run tries as many n as time allows,
 * the slice for CI a few that the seed chooses.
 */
export async function runFailingDisk({
  quick: isQuick,
  seed,
  print,
  minutesMax,
  range,
}: RunOptions): Promise<FaultsFound> {
  const startedAt = performance.now();
  const random = seededRandom(seed);
  const untilMs = startedAt + (isQuick ? quick.untilMs : minutesMax * 60_000);
  const tallies = series.map((each) => ({ each, tried: 0, problems: [] as string[] }));
  const counts = isQuick ? undefined : await countCalls(random);
  const say = everyMinute((tried: number) => print(`${tried} faults tried`));
  let tried = 0;
  for (const nth of nthsToTry(isQuick, counts, random).filter(
    (n) => n + 1 >= range.from && n + 1 <= range.to,
  ))
    for (const tally of tallies) {
      if (
        (performance.now() > untilMs && tried >= series.length) ||
        nth >= (counts?.get(tally.each.kind) ?? Infinity)
      )
        continue;
      const run = await runOnFailingDisk({ ...tally.each, nth }, random);
      const found = run.problems.map(
        (problem) => `${inWords(tally.each)}, ${nth + 1}, the ${run.failedAt ?? 'last'}: ${problem}`,
      );
      for (const problem of found) print(problem);
      tally.problems.push(...found);
      if (run.failedAt !== undefined) tally.tried += 1;
      say((tried += 1));
    }
  const rows = tallies.map(({ each, tried: count, problems }) => {
    const note = counts === undefined ? '' : `of ${counts.get(each.kind)}`;
    return { what: inWords(each), tried: count, violations: problems.length, note };
  });
  const problems = tallies.flatMap((tally) => tally.problems);
  return {
    rows,
    problems,
  };
}

/**
 * Chooses the n to try, the same for all kinds. They come in random order, so that a run that is
 * cut short has tried calls everywhere.
 */
function nthsToTry(
  isQuick: boolean,
  counts: ReadonlyMap<string, number> | undefined,
  random: () => number,
): readonly number[] {
  if (isQuick) return Array.from({ length: quick.runsEach }, () => Math.floor(random() ** 2 * 60));
  const most = Math.max(...(counts?.values() ?? []));
  return shuffled(
    Array.from({ length: most }, (_, nth) => nth),
    random,
  );
}
