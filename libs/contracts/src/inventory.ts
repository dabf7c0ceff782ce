import { z } from 'zod';
import { days, topic, type MessageOf } from '@millrace/streaming-core/contract';
import {
  customerId,
  lines,
  money,
  orderId,
  orderLine,
  quantity,
  reason,
  returnReason,
  sku,
} from './fields.ts';

const linesOrNone = z.array(orderLine).max(100);

export const inventoryCommands = topic(
  'inventory-commands',
  { key: 'orderId', partitions: 6, retention: days(7) },
  {
    ReserveInventory: z.strictObject({ orderId, lines }),
    ReleaseInventory: z.strictObject({ orderId, lines }),
    CommitReservation: z.strictObject({ orderId, lines }),
    /** Counts the units that came back. They are for sale again after RestockReturn. */
    ReceiveReturn: z.strictObject({ orderId, lines }),
    SendBackReturn: z.strictObject({ orderId, lines }),
    RestockReturn: z.strictObject({ orderId, lines }),
  },
);

export const inventoryEvents = topic(
  'inventory-events',
  { key: 'orderId', partitions: 6, retention: 'unlimited' },
  {
    InventoryReserved: z.strictObject({
      orderId,
      lines,
      /** Only for a choreographed order: payment charges this customer without a command. */
      customerId: customerId.optional(),
    }),
    InventoryReserveFailed: z.strictObject({ orderId, reason, missing: z.array(sku).max(100) }),
    /** The answer to every release. `lines` is empty when nothing was reserved. */
    InventoryReleased: z.strictObject({ orderId, lines: linesOrNone }),
    ReservationCommitted: z.strictObject({ orderId, lines }),
    ReturnReceived: z.strictObject({ orderId, lines }),
    ReturnRefused: z.strictObject({ orderId, reason: returnReason }),
    /** The answer to every SendBackReturn. `lines` is empty when nothing was received. */
    ReturnSentBack: z.strictObject({ orderId, lines: linesOrNone }),
    ReturnRestocked: z.strictObject({ orderId, lines }),
  },
);

export const productEvents = topic(
  'product-events',
  { key: 'sku', partitions: 6, retention: 'unlimited' },
  {
    ProductDefined: z.strictObject({ sku, name: z.string().min(1).max(200), price: money }),
    ProductPriceChanged: z.strictObject({ sku, price: money }),
    StockReceived: z.strictObject({ sku, quantity }),
  },
);

export type InventoryReserved = MessageOf<typeof inventoryEvents.InventoryReserved>;
export type ReserveInventory = MessageOf<typeof inventoryCommands.ReserveInventory>;
export type ReleaseInventory = MessageOf<typeof inventoryCommands.ReleaseInventory>;
export type CommitReservation = MessageOf<typeof inventoryCommands.CommitReservation>;
export type ReceiveReturn = MessageOf<typeof inventoryCommands.ReceiveReturn>;
export type SendBackReturn = MessageOf<typeof inventoryCommands.SendBackReturn>;
export type RestockReturn = MessageOf<typeof inventoryCommands.RestockReturn>;
export type ProductDefined = MessageOf<typeof productEvents.ProductDefined>;
export type ProductPriceChanged = MessageOf<typeof productEvents.ProductPriceChanged>;
