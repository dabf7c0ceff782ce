import { days, topic } from '@millrace/streaming-core/contract';
import { z } from 'zod';

/** A customer picks up an order in a store. */
const orderId = z.string();
const only = z.strictObject({ orderId });
const reason = z.enum(['shelf_full', 'no_paper', 'step_timeout']);
const because = z.strictObject({ orderId, reason });
const options = { key: 'orderId', partitions: 6, retention: days(7) } as const;

export const storeCommands = topic('store-commands', options, {
  HoldShelf: z.strictObject({ orderId, store: z.string() }),
  FreeShelf: only,
  WrapGift: only,
  UnwrapGift: only,
  ClosePickup: because,
});

export const storeEvents = topic('store-events', options, {
  PickupRequested: z.strictObject({ orderId, store: z.string() }),
  ShelfHeld: only,
  ShelfRefused: because,
  ShelfFreed: only,
  GiftWrapped: only,
  GiftRefused: because,
  GiftUnwrapped: only,
  PickupClosed: because,
});
