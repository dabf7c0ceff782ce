import { Inject, Injectable, type Provider } from '@nestjs/common';
import { type Money, productEvents } from '@millrace/contracts';
import {
  rowsByKey,
  type VersionWaits,
  createStreamVersions,
  createVersionWaits,
  type StreamVersions,
  integer,
  topicProjection,
} from '@millrace/read-models';
import {
  DATABASE,
  COMMITS,
  LOGGER,
  provide,
  provideLifecycle,
  QUIET_DATABASE,
  token,
  wokenByCommits,
} from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { systemClock } from '@millrace/streaming-core/runtime';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderConfig } from '../config.ts';

/** The price of a product according to inventory. */
@Entity('product_price')
export class ProductPrice {
  @PrimaryColumn('text')
  sku!: string;

  @Column(integer)
  amount!: number;

  @Column('text')
  currency!: string;
}

export const productPriceProjection = topicProjection(ProductPrice).from(productEvents, {
  ProductDefined: ({ price }) => ({ amount: price.amount, currency: price.currency }),
  ProductPriceChanged: ({ price }) => ({ amount: price.amount, currency: price.currency }),
});

/** Waits for the prices of SKUs. A SKU has version 1 once its price is known. */
const PRICE_WAITS = token<VersionWaits>('PriceWaits');

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

/** The number of SKUs above which the list forgets which ones have a price. */
const seenMax = 10_000;

const pricesBySku = rowsByKey(ProductPrice);

/** The order service's own copy of the product prices, milliseconds behind inventory. */
@Injectable()
export class PriceList {
  /** SKUs that have a price. A product never loses its price. */
  readonly #seen = new Set<string>();

  constructor(
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(PRICE_WAITS) private readonly waits: VersionWaits,
  ) {}

  /** Returns the prices of the SKUs that are known. */
  async pricesOf(skus: readonly string[]): Promise<ReadonlyMap<string, Money>> {
    const prices = await pricesBySku(this.database, skus);
    if (this.#seen.size > seenMax) this.#seen.clear();
    for (const { sku } of prices) this.#seen.add(sku);
    return new Map(prices.map(({ sku, amount, currency }) => [sku, { amount, currency }]));
  }

  /**
   * Resolves once each of these products has a price, and after `HTTP_WAIT_MS_MAX` at the latest,
   * because the event about a new product may still be on its way when the first order for it
   * arrives. Rejects with 503 if too many requests are already waiting.
   */
  async awaitPrices(skus: readonly string[]): Promise<void> {
    if (skus.every((sku) => this.#seen.has(sku))) return;
    const known = await this.pricesOf(skus);
    const missing = skus.filter((sku) => !known.has(sku));
    await Promise.all(missing.map((sku) => this.waits.reached(sku, { wait: 1 })));
  }
}
