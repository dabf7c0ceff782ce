import type { Logger } from '../logger.ts';
import type { RunningStack } from '../run-stack.ts';
import { endedAsExpected, runSample, type SampleResult } from './run-samples.ts';
import { sampleOrders } from './sample-orders.ts';
import { stockShop, type ServiceUrls } from './stock-shop.ts';
import { renderTable } from './table.ts';
import { followTimeline } from './timeline.ts';

interface Output {
  readonly json: boolean;
  readonly print: (line: string) => void;
  readonly logger: Logger;
}

/** Stocks the shop, places every sample order and prints their timelines and the table. True when each ended as it should. */
export async function placeSamples(stack: RunningStack, { json, print, logger }: Output): Promise<boolean> {
  const urls = stack.urls as unknown as ServiceUrls;
  print('opening accounts and stocking products');
  await stockShop(urls);
  const timeline = await followTimeline([stack.bootstrapServers], print, logger);
  print('placing the sample orders');
  try {
    const results = await Promise.all(
      sampleOrders.map((sample) => runSample(urls, sample, (orderId) => timeline.follow(orderId, sample.scenario))),
    );
    show(results, json, print);
    return results.every(endedAsExpected);
  } finally {
    await timeline.stop();
  }
}

function show(results: readonly SampleResult[], json: boolean, print: (line: string) => void): void {
  if (json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  else print(`\n${renderTable(results)}\n`);
}
