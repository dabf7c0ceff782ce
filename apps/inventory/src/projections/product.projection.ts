import { fields } from '@millrace/contracts';
import { inlineProjection, minus, plus, readModel } from '@millrace/service-chassis/service';
import { z } from 'zod';
import type { StockEvent } from '../domain/events.ts';

const units = z.number().int().min(0).default(0);

export const product = readModel({
  table: 'product',
  key: 'sku',
  fields: {
    sku: fields.sku,
    name: z.string(),
    price: fields.money,
    onHand: units,
    reserved: units,
    shipped: units,
  },
});

/** Folds the stream of each SKU into its row. */
export const productProjection = inlineProjection(product).of<StockEvent>({
  ProductDefined: ({ name, price }) => ({ name, price }),
  ProductPriceChanged: ({ price }) => ({ price }),
  StockReceived: ({ quantity }) => ({ onHand: plus(quantity) }),
  StockReserved: ({ quantity }) => ({ onHand: minus(quantity), reserved: plus(quantity) }),
  StockReleased: ({ quantity }) => ({ onHand: plus(quantity), reserved: minus(quantity) }),
  StockShipped: ({ quantity }) => ({ reserved: minus(quantity), shipped: plus(quantity) }),
});
