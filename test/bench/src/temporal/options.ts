import { benchOptions } from '../options.ts';

export const warmUpOrders = 200;
/** For so many seconds the provider answers no refund, or refuses each. */
export const failingSeconds = 20;

export const temporalUsage = `npm run bench -- temporal [--rate 10] [--seconds 20] [--concurrency 64] [--orders 400] [--quick] [--write]
  --rate, --seconds       open loop: the orders per second and the length
  --concurrency, --orders closed loop: the orders in flight and their total
  --quick                 60 orders, 5 per second for 4 s
  --write                 write the numbers between the markers of docs/reports/temporal.md
  Runs the saga of an order on Temporal with PostgreSQL, and then on this system. Needs Go the first time: it builds
  Temporal's server from its Go module, and installs its SDK from npm, in a folder of the cache.`;

export const temporalBenchOptions = (values: readonly string[]) => {
  const quick = values.includes('--quick');
  return benchOptions(
    values,
    {
      rate: quick ? 5 : 10,
      seconds: quick ? 4 : 20,
      concurrency: 64,
      orders: quick ? 60 : 400,
      quick: false,
      write: false,
    },
    { rate: 1_000, seconds: 3_600, concurrency: 1_000, orders: 100_000 },
  );
};
export type TemporalBenchOptions = ReturnType<typeof temporalBenchOptions>;
