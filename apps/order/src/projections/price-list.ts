import { Inject, Injectable } from '@nestjs/common';
import type { Money } from '@millrace/contracts';
import type { VersionWaits } from '@millrace/service-chassis/http';
import { ENTITIES, type Entities } from '@millrace/service-chassis/service';
import { In } from 'typeorm';
import { PRICE_WAITS } from './price-waits.ts';
import { ProductPrice } from './product-price.entity.ts';

/** Past this number the SKUs that were seen are forgotten, and looked up again. */
const seenMax = 10_000;

/** The service's own view of what products cost, milliseconds behind inventory's. */
@Injectable()
export class PriceList {
  /** SKUs that have had a price: a product never loses it. */
  readonly #seen = new Set<string>();

  constructor(
    @Inject(ENTITIES) private readonly entities: Entities,
    @Inject(PRICE_WAITS) private readonly waits: VersionWaits,
  ) {}

  /** Prices of those SKUs that are known. */
  async pricesOf(skus: readonly string[]): Promise<ReadonlyMap<string, Money>> {
    const rows = await this.entities.of(ProductPrice).findBy({ sku: In([...skus]) });
    if (this.#seen.size > seenMax) this.#seen.clear();
    for (const { sku } of rows) this.#seen.add(sku);
    return new Map(rows.map(({ sku, amount, currency }) => [sku, { amount, currency }]));
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
