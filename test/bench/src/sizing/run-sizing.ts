import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { startStack } from '@millrace/test-support/stack';
import { format, resolveConfig } from 'prettier';
import { machine } from '../machine.ts';
import { customers, Load, products } from '../saga/load.ts';
import { OrderEnds } from '../saga/order-ends.ts';
import { sampleLargeTable } from './large-table.ts';
import type { SizingOptions } from './options.ts';
import { numbers, renderPage, type SizingFacts, type SizingResult } from './page.ts';
import { perOrder, tablesOf, topicsOf, type StoredByName } from './stored-bytes.ts';

const pagePath = join(import.meta.dirname, '../../../../docs/reports/sizing.md');
const plenty = 1_000_000;
const warmUpOrders = 200;
const concurrency = 32;
const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * Counts the bytes that orders leave on disk, on its own stack, and measures what a large table of
 * events costs.
 */
export async function runSizing(options: SizingOptions): Promise<void> {
  const result: SizingResult = {
    ...(await countOrders(options.orders)),
    samples: await sampleLargeTable(options.thousandEvents, say),
  };
  const facts = factsOf(options);
  say(`\n${numbers(result, facts)}`);
  if (options.write) await write(result, facts);
}

async function countOrders(
  orders: number,
): Promise<{ readonly tables: StoredByName; readonly topics: StoredByName }> {
  say('starting a stack with data in a temporary folder');
  const stack = await startStack({ LOG_LEVEL: 'warn' });
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  try {
    const shop = await openShop(stack, teller, { stock: all(products), accounts: all(customers) });
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

const factsOf = ({ orders, rate, thousandEvents }: SizingOptions): SizingFacts => ({
  machine: machine('one stack and this client'),
  date: new Date().toISOString().slice(0, 10),
  command: `npm run bench -- sizing --orders ${orders} --rate ${rate} --thousand-events ${thousandEvents} --write`,
  loadAverage: loadavg()[0] ?? 0,
  orders,
  rate,
});

async function write(result: SizingResult, facts: SizingFacts): Promise<void> {
  const page = renderPage(readFileSync(pagePath, 'utf8'), result, facts);
  writeFileSync(pagePath, await format(page, { ...(await resolveConfig(pagePath)), filepath: pagePath }));
  say(`written: ${pagePath}`);
}

const all = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, plenty]));
