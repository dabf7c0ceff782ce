import type { Samples } from '../samples.ts';
import { placeSamples } from './run-samples.ts';
import { endedAsExpected, sampleSettings } from './sample-orders.ts';
import type { ServiceUrls } from './stock-shop.ts';
import { renderTable } from './table.ts';

/** The orders that `npm start` places. */
export const shopSamples: Samples<keyof ServiceUrls> = {
  settings: sampleSettings,
  async place(stack, print, logger) {
    const results = await placeSamples(stack, print, logger);
    return { results, table: renderTable(results), allAsExpected: results.every(endedAsExpected) };
  },
};
