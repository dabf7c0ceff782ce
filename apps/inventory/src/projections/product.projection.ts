import { inlineProjection, minus, plus } from '@millrace/read-models';
import type { StockEvent } from '../domain/events.ts';
import { Product } from './product.entity.ts';

/** Folds the stream of each SKU into its row. */
export const productProjection = inlineProjection(Product).of<StockEvent>({
  ProductDefined: ({ name, price }) => ({ name, priceAmount: price.amount, priceCurrency: price.currency }),
  ProductPriceChanged: ({ price }) => ({ priceAmount: price.amount, priceCurrency: price.currency }),
  StockReceived: ({ quantity }) => ({ onHand: plus(quantity) }),
  StockReserved: ({ quantity }) => ({ onHand: minus(quantity), reserved: plus(quantity) }),
  StockReleased: ({ quantity }) => ({ onHand: plus(quantity), reserved: minus(quantity) }),
  StockShipped: ({ quantity }) => ({ reserved: minus(quantity), shipped: plus(quantity) }),
});
