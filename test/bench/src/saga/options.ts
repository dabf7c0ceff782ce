import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface SagaBenchOptions {
  /** The number of orders per second of the open loop. */
  readonly rate: number;
  /** How long the open loop runs. */
  readonly seconds: number;
  /** The number of orders in flight in the closed loop. */
  readonly concurrency: number;
  /** The total number of orders of the closed loop. */
  readonly orders: number;
  readonly warmup: number;
  /** Whether every service runs as one process per role. */
  readonly split: boolean;
  readonly json: boolean;
  /** Whether to write the page, which needs a quiet machine. */
  readonly write: boolean;
}

export const sagaUsage = `npm run bench -- saga [--rate 20] [--seconds 20] [--concurrency 64] [--orders 1000] [--warmup 200] [--split] [--json] [--write]
  --rate, --seconds       open loop: the orders per second and the length
  --concurrency, --orders closed loop: the orders in flight and their total
  --warmup                the number of orders before the first measurement
  --split                 run each role of a service as a process, to see the cost of hints between them
  --json                  print the result as one line of JSON
  --write                 write the numbers to docs/reports/saga-bench.md; fails unless the load average before is below 0.3
                          and other programs take less than 5 % of the CPU time
  Orders one at a time, and an idle stack, follow in another minute.`;

/** Throws an error that names the option. */
export function sagaBenchOptions(values: readonly string[]): SagaBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      rate: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '20' },
      concurrency: { type: 'string', default: '64' },
      orders: { type: 'string', default: '1000' },
      warmup: { type: 'string', default: '200' },
      split: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    rate: positive('rate', given.rate, 10_000),
    seconds: positive('seconds', given.seconds, 3_600),
    concurrency: positive('concurrency', given.concurrency, 5_000),
    orders: positive('orders', given.orders, 1_000_000),
    warmup: positive('warmup', given.warmup, 100_000),
    split: given.split,
    json: given.json,
    write: given.write,
  };
}
