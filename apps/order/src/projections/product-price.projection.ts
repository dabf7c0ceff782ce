import { productEvents } from '@millrace/contracts';
import { integer, topicProjection } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

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
