import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { startStack } from '@millrace/test-support/stack';
import { benchOptions } from '../options.ts';
import { machine, say, today, writePage } from '../report.ts';
import { Load, stock } from '../saga/load.ts';
import { OrderEnds } from '../saga/order-ends.ts';
import { sampleLargeTable } from './large-table.ts';
import { numbers, type SizingFacts, type SizingResult } from './page.ts';
import { perOrder, tablesOf, topicsOf, type StoredByName } from './stored-bytes.ts';

export const sizingUsage = `npm run bench -- sizing [--orders 2000] [--rate 20] [--thousand-events 2000] [--write]
  --orders           the orders through all services whose bytes are counted in every table and topic
  --rate             the orders per second for which days and months are calculated
  --thousand-events  the size of the event table that is filled and measured, in thousands of events
  --write            write the result to docs/reports/sizing.md`;

export const sizingOptions = (values: readonly string[]) =>
  benchOptions(
    values,
    { orders: 2_000, rate: 20, 'thousand-events': 2_000, write: false },
    { orders: 1_000_000, rate: 100_000, 'thousand-events': 1_000_000 },
  );
type SizingOptions = ReturnType<typeof sizingOptions>;

const warmUpOrders = 200;
const concurrency = 32;

/**
 * Counts the bytes that orders leave on disk, on its own stack, and measures what a large table of
 * events costs.
 */
export async function runSizing(options: SizingOptions): Promise<void> {
  const result: SizingResult = {
    ...(await countOrders(options.orders)),
    samples: await sampleLargeTable(options['thousand-events'], say),
  };
  const facts = factsOf(options);
  say(`\n${numbers(result, facts)}`);
  if (options.write) await writePage('sizing', numbers(result, facts), 'sizing');
}

async function countOrders(
  orders: number,
): Promise<{ readonly tables: StoredByName; readonly topics: StoredByName }> {
  say('starting a stack with data in a temporary folder');
  const stack = await startStack({ LOG_LEVEL: 'warn' });
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  try {
    const shop = await openShop(stack, teller, stock);
    const load = new Load(shop, ends, () => ({ 'idempotency-key': randomUUID() }));
    say(`warming up: ${warmUpOrders} orders`);
    await load.closedLoop(concurrency, warmUpOrders);
    const before = { tables: await tablesOf(stack), topics: topicsOf(stack) };
    say(`counting ${orders} orders`);
    await load.closedLoop(concurrency, orders);
    return {
      tables: perOrder(before.tables, await tablesOf(stack), orders),
      topics: perOrder(before.topics, topicsOf(stack), orders),
    };
  } finally {
    await Promise.all([ends.close(), teller.close()]);
    await stack.stop();
  }
}

const factsOf = ({ orders, rate, 'thousand-events': thousandEvents }: SizingOptions): SizingFacts => ({
  machine: machine('one stack and this client'),
  date: today(),
  command: `npm run bench -- sizing --orders ${orders} --rate ${rate} --thousand-events ${thousandEvents} --write`,
  loadAverage: loadavg()[0] ?? 0,
  orders,
  rate,
});
