import { Inject, Injectable } from '@nestjs/common';
import type { Money } from '@millrace/contracts';
import { rowsByKey, type VersionWaits } from '@millrace/read-models';
import { DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { PRICE_WAITS } from './price-waits.ts';
import { ProductPrice } from './product-price.projection.ts';

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
