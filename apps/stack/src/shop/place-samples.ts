import type { ConnectionSecurity } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import { runSample } from './run-samples.ts';
import { sampleOrders } from './sample-orders.ts';
import type { SampleResult } from './sample-result.ts';
import { stockShop, type ServiceUrls } from './stock-shop.ts';
import { followTimeline } from './timeline.ts';

export interface Shop {
  readonly urls: ServiceUrls;
  readonly bootstrapServers: string;
  readonly security: ConnectionSecurity;
}

/**
 * Stocks the shop and places every sample order. Prints their timelines as they happen. Resolves
 * with the rows of the table.
 */
export async function placeSamples(
  shop: Shop,
  print: (line: string) => void,
  logger: Logger,
): Promise<readonly SampleResult[]> {
  const { urls } = shop;
  print('opening accounts and stocking products');
  await stockShop(urls);
  const timeline = await followTimeline(shop, print, logger);
  print('placing the sample orders');
  try {
    return await Promise.all(
      sampleOrders.map((sample) =>
        runSample(urls, sample, (orderId) => timeline.follow(orderId, sample.scenario)),
      ),
    );
  } finally {
    await timeline.stop();
  }
}
