import { Inject, Injectable } from '@nestjs/common';
import type { Money } from '@millrace/contracts';
import { ENTITIES, type Entities } from '@millrace/service-chassis/service';
import { In } from 'typeorm';
import { ProductPrice } from './product-price.entity.ts';

/** The service's own view of what products cost, milliseconds behind inventory's. */
@Injectable()
export class PriceList {
  constructor(@Inject(ENTITIES) private readonly entities: Entities) {}

  /** Prices of those SKUs that are known. */
  async pricesOf(skus: readonly string[]): Promise<ReadonlyMap<string, Money>> {
    const rows = await this.entities.of(ProductPrice).findBy({ sku: In([...skus]) });
    return new Map(rows.map(({ sku, amount, currency }) => [sku, { amount, currency }]));
  }
}
