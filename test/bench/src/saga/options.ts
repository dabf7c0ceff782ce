import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface SagaBenchOptions {
  /** Orders per second of the open loop. */
  readonly rate: number;
  /** How long the open loop runs. */
  readonly seconds: number;
  /** Orders in flight in the closed loop. */
  readonly concurrency: number;
  /** Orders of the closed loop in all. */
  readonly orders: number;
  readonly warmup: number;
  /** Every service as a process for each role. */
  readonly split: boolean;
  readonly json: boolean;
}

export const sagaUsage = `npm run bench -- saga [--rate 20] [--seconds 20] [--concurrency 64] [--orders 1000] [--warmup 200] [--split] [--json]
  --rate, --seconds       open loop: so many orders per second, for so long
  --concurrency, --orders closed loop: so many orders in flight, so many in all
  --warmup                orders before the first measurement
  --split                 every service as a process for each role: what it costs that one finds the commits of another by polling
  --json                  the result as one line of JSON`;

/** Throws with the option's name. */
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
  };
}
