import { fields, productEvents } from '@millrace/contracts';
import { readModel, topicProjection } from '@millrace/service-chassis/service';

/** The price of a product according to inventory. */
export const productPrice = readModel({
  table: 'product_price',
  key: 'sku',
  columns: { 'price.amount': 'amount', 'price.currency': 'currency' },
  fields: { sku: fields.sku, price: fields.money },
});

export const productPriceProjection = topicProjection(productPrice).from(productEvents, {
  ProductDefined: ({ price }) => ({ price }),
  ProductPriceChanged: ({ price }) => ({ price }),
});
