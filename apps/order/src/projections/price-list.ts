import { Inject, Injectable } from '@nestjs/common';
import type { Money } from '@millrace/contracts';
import { viewsOf, type VersionWaits } from '@millrace/service-chassis/http';
import { DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { PRICE_WAITS } from './price-waits.ts';
import { productPrice } from './product-price.projection.ts';

/** Past this number the SKUs that were seen are forgotten, and looked up again. */
const seenMax = 10_000;

/** The service's own view of what products cost, milliseconds behind inventory's. */
@Injectable()
export class PriceList {
  /** SKUs that have had a price: a product never loses it. */
  readonly #seen = new Set<string>();

  constructor(
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(PRICE_WAITS) private readonly waits: VersionWaits,
  ) {}

  /** Prices of those SKUs that are known. */
  async pricesOf(skus: readonly string[]): Promise<ReadonlyMap<string, Money>> {
    const prices = await viewsOf(productPrice, this.database).some(skus);
    if (this.#seen.size > seenMax) this.#seen.clear();
    for (const { sku } of prices) this.#seen.add(sku);
    return new Map(prices.map(({ sku, price }) => [sku, price]));
  }

  /**
   * Resolves once each of these products has a price, at the latest after `HTTP_WAIT_MS_MAX`: what inventory has said of a new product
   * may still be on its way when the first order for it arrives. Rejects with 503 where too many wait.
   */
  async awaitPrices(skus: readonly string[]): Promise<void> {
    if (skus.every((sku) => this.#seen.has(sku))) return;
    const known = await this.pricesOf(skus);
    const missing = skus.filter((sku) => !known.has(sku));
    await Promise.all(missing.map((sku) => this.waits.reached(sku, { wait: 1 })));
  }
}
