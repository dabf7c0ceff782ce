import type { CancellationReason, Money, PricedLine } from '@millrace/contracts';
import type { OrderPersonal } from './events.ts';

export type OrderCommand =
  | {
      readonly type: 'PlaceOrder';
      readonly orderId: string;
      readonly customerId: string;
      readonly lines: readonly PricedLine[];
      readonly total: Money;
      readonly placedAt: string;
      readonly personal: OrderPersonal;
    }
  | { readonly type: 'RequestCancellation'; readonly orderId: string; readonly requestedAt: string }
  | { readonly type: 'CompleteOrder'; readonly orderId: string; readonly completedAt: string }
  | { readonly type: 'CancelOrder'; readonly orderId: string; readonly reason: CancellationReason; readonly cancelledAt: string };
