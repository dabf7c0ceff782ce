import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface ScaleBenchOptions {
  /** How many processes of a service, ascending, with 1 first: that is what the others are compared with. */
  readonly counts: readonly number[];
  /** Orders of each measurement. */
  readonly orders: number;
  /** Orders in flight. */
  readonly concurrency: number;
  /** Every configuration is measured so often, in turns. */
  readonly rounds: number;
  /** Only inventory is scaled. */
  readonly quick: boolean;
  /** Into docs/reports/scale.md and docs/reports/plots. */
  readonly write: boolean;
}

export const scaleUsage = `npm run bench -- scale [--counts 1,2,4] [--orders 400] [--concurrency 64] [--rounds 3] [--quick] [--write]
  --counts        processes of a service: of each service alone, and of all together
  --orders        orders of each measurement, --concurrency of them in flight
  --rounds        measurements of each configuration, in turns, so that what disturbs a while disturbs all
  --quick         inventory alone, 1 and 2 processes, one round of 60 orders: whether it works, within a minute
  --write         writes the numbers into docs/reports/scale.md and the plots into docs/reports/plots`;

/** Throws with the option's name. */
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
