import type { CancellationReason } from '@millrace/contracts';
import type { OrderEvent } from './events.ts';

/** What placing an order records, it is also asked with. */
type PlaceOrder = { readonly type: 'PlaceOrder' } & Omit<
  Extract<OrderEvent, { type: 'OrderCreated' }>,
  'type'
>;

export type OrderCommand =
  | PlaceOrder
  | { readonly type: 'RequestCancellation'; readonly orderId: string; readonly requestedAt: string }
  | { readonly type: 'CompleteOrder'; readonly orderId: string; readonly completedAt: string }
  | {
      readonly type: 'CancelOrder';
      readonly orderId: string;
      readonly reason: CancellationReason;
      readonly cancelledAt: string;
    };
