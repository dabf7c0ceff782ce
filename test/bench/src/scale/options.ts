import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface ScaleBenchOptions {
  /**
   * The numbers of processes of a service, ascending. The first is 1, with which the others are
   * compared.
   */
  readonly counts: readonly number[];
  /** The number of orders per measurement. */
  readonly orders: number;
  /** The number of orders in flight. */
  readonly concurrency: number;
  /** How often every configuration is measured, in turns. */
  readonly rounds: number;
  /** Whether only inventory is scaled. */
  readonly quick: boolean;
  /** Whether to write to docs/reports/scale.md and docs/reports/plots. */
  readonly write: boolean;
}

export const scaleUsage = `npm run bench -- scale [--counts 1,2,4] [--orders 400] [--concurrency 64] [--rounds 3] [--quick] [--write]
  --counts        the numbers of processes: of each service alone, and of all together
  --orders        the orders of each measurement, of which --concurrency are in flight
  --rounds        how often to measure each configuration, in turns, so that a disturbance affects all
  --quick         inventory only, 1 and 2 processes, one round of 60 orders: shows within a minute whether the bench works
  --write         write the numbers to docs/reports/scale.md and the plots to docs/reports/plots`;

/** Throws an error that names the option. */
export function scaleBenchOptions(values: readonly string[]): ScaleBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      counts: { type: 'string' },
      orders: { type: 'string' },
      concurrency: { type: 'string', default: '64' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick, write } = given;
  if (quick && write) throw new Error('--quick measures nothing worth keeping: leave out --write');
  const counts = (given.counts ?? (quick ? '1,2' : '1,2,4'))
    .split(',')
    .map((text) => positive('counts', text, 16));
  return {
    counts: [...new Set([1, ...counts])].sort((one, other) => one - other),
    orders: positive('orders', given.orders ?? (quick ? '60' : '400'), 100_000),
    concurrency: positive('concurrency', given.concurrency, 5_000),
    rounds: positive('rounds', given.rounds ?? (quick ? '1' : '3'), 20),
    quick,
    write,
  };
}
