import type { Provider } from '@nestjs/common';
import {
  createStreamVersions,
  createVersionWaits,
  type StreamVersions,
  type VersionWaits,
} from '@millrace/read-models';
import {
  COMMITS,
  LOGGER,
  provide,
  provideLifecycle,
  QUIET_DATABASE,
  token,
  wokenByCommits,
} from '@millrace/service-chassis/service';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { OrderConfig } from '../config.ts';
import { productPriceProjection } from './product-price.projection.ts';

/** Waits for the prices of SKUs. A SKU has version 1 once its price is known. */
export const PRICE_WAITS = token<VersionWaits>('PriceWaits');

const PRICED_SKUS = token<StreamVersions>('PricedSkus');

const READ_PRICED_SKUS = 'SELECT sku AS id, 1 AS version FROM product_price WHERE sku = ANY ($1::text[])';

/**
 * A price that this process writes ends a wait at once. A price that another process writes is
 * found by polling.
 */
export const priceWaits = (config: OrderConfig): Provider[] => [
  provide(PRICED_SKUS, [QUIET_DATABASE, LOGGER], (database, logger) =>
    createStreamVersions({
      database,
      statement: READ_PRICED_SKUS,
      worker: productPriceProjection.name,
      clock: systemClock,
      logger,
    }),
  ),
  provide(PRICE_WAITS, [PRICED_SKUS], (skus) => createVersionWaits({ versions: skus, config })),
  provideLifecycle(
    { name: 'orders that wait for a price', role: 'api' },
    [PRICED_SKUS, PRICE_WAITS, COMMITS],
    (skus, waits, commits) => {
      const watching = wokenByCommits(commits, [skus]);
      return {
        start: watching.start,
        async stop() {
          waits.stop();
          await watching.stop();
        },
      };
    },
  ),
];
