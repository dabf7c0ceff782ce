import { benchOptions } from '../options.ts';

export type ScaleBenchOptions = ReturnType<typeof scaleBenchOptions>;

export const scaleUsage = `npm run bench -- scale [--counts 1,2,4] [--orders 400] [--concurrency 64] [--rounds 3] [--quick] [--write]
  --counts        the numbers of processes: of each service alone, and of all together
  --orders        the orders of each measurement, of which --concurrency are in flight
  --rounds        how often to measure each configuration, in turns, so that a disturbance affects all
  --quick         inventory only, 1 and 2 processes, one round of 60 orders: shows within a minute whether the bench works
  --write         write the numbers to docs/reports/scale.md and the plots to docs/reports/plots`;

/**
 * Returns the counts in ascending order. The first is always 1, with which the bench compares the
 * others. Throws an error that names the option.
 */
export function scaleBenchOptions(values: readonly string[]) {
  const sizes = values.includes('--quick')
    ? { counts: '1,2', orders: 60, rounds: 1 }
    : { counts: '1,2,4', orders: 400, rounds: 3 };
  const given = benchOptions(
    values,
    { ...sizes, concurrency: 64, quick: false, write: false },
    { orders: 1_000_000, rounds: 20, concurrency: 10_000 },
  );
  const counts = given.counts.split(',').map(Number);
  if (counts.some((count) => !Number.isInteger(count) || count < 1))
    throw new Error(`--counts must be whole numbers above 0, not "${given.counts}"`);
  return { ...given, counts: [...new Set([1, ...counts])].sort((one, other) => one - other) };
}

export type BacklogBenchOptions = ReturnType<typeof backlogBenchOptions>;

export const backlogUsage = `npm run bench -- scale --backlog 400 [--lag-threshold 500] [--rounds 2] [--write]
  --backlog       the orders that wait for payment, whose provider takes two seconds, before its processes start
  --lag-threshold the messages of lag for which KEDA's formula asks for one process
  --rounds        how often to measure one process and as many as the formula asks for, in turns
  --write         write the numbers to the section of docs/reports/scale.md about the backlog`;

export const hasBacklog = (values: readonly string[]): boolean =>
  values.some((value) => /^--backlog(=|$)/.test(value));

/** Throws an error that names the option. The threshold is that of the Helm chart. */
export const backlogBenchOptions = (values: readonly string[]) =>
  benchOptions(
    values,
    { backlog: 400, 'lag-threshold': 500, rounds: 2, write: false },
    { backlog: 20_000, 'lag-threshold': 1_000_000, rounds: 20 },
  );
