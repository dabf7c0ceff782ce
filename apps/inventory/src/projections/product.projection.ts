import { fields } from '@millrace/contracts';
import { inlineProjection, readModel } from '@millrace/service-chassis/service';
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
  StockReceived:
    ({ quantity }) =>
    ({ onHand }) => ({ onHand: onHand + quantity }),
  StockReserved:
    ({ quantity }) =>
    ({ onHand, reserved }) => ({
      onHand: onHand - quantity,
      reserved: reserved + quantity,
    }),
  StockReleased:
    ({ quantity }) =>
    ({ onHand, reserved }) => ({
      onHand: onHand + quantity,
      reserved: reserved - quantity,
    }),
  StockShipped:
    ({ quantity }) =>
    ({ reserved, shipped }) => ({
      reserved: reserved - quantity,
      shipped: shipped + quantity,
    }),
});
