import { inlineProjection } from '@millrace/service-chassis/service';
import type { StockEvent } from '../domain/stock.ts';
import { Product } from './product.entity.ts';

/** Each SKU's row belongs to its stream: it folds what the stream says. */
export const products = inlineProjection<StockEvent>()(
  'product',
  { version: 1, entity: Product },
  {
    ProductDefined: async ({ sku, name, price }, { find, insert, update }) => {
      const described = { name, priceAmount: price.amount, priceCurrency: price.currency };
      if ((await find(sku)) === null) await insert({ sku, ...described, onHand: 0, reserved: 0, shipped: 0 });
      else await update(sku, described);
    },
    ProductPriceChanged: ({ sku, price }, { update }) =>
      update(sku, { priceAmount: price.amount, priceCurrency: price.currency }),
    StockReceived: ({ sku, quantity }, { update }) =>
      update(sku, ({ onHand }) => ({ onHand: onHand + quantity })),
    StockReserved: ({ sku, quantity }, { update }) =>
      update(sku, ({ onHand, reserved }) => ({ onHand: onHand - quantity, reserved: reserved + quantity })),
    StockReleased: ({ sku, quantity }, { update }) =>
      update(sku, ({ onHand, reserved }) => ({ onHand: onHand + quantity, reserved: reserved - quantity })),
    StockShipped: ({ sku, quantity }, { update }) =>
      update(sku, ({ reserved, shipped }) => ({
        reserved: reserved - quantity,
        shipped: shipped + quantity,
      })),
  },
);
