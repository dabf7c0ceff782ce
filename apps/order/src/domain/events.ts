import type {
  CancellationReason,
  Money,
  PaymentMethod,
  PricedLine,
  ShippingAddress,
} from '@millrace/contracts';
import { declareEvents, firstVersion, type Erased, type PersonalPart } from '@millrace/event-sourcing';

/**
 * The customer's personal data. It is stored apart from the rest of the event, never published, and
 * passed to other services only in commands.
 */
export interface OrderPersonal extends PersonalPart {
  readonly shippingAddress: ShippingAddress;
  readonly email: string;
  readonly paymentMethod: PaymentMethod;
}

export type OrderEvent =
  | {
      readonly type: 'OrderCreated';
      readonly orderId: string;
      readonly customerId: string;
      readonly lines: readonly PricedLine[];
      readonly total: Money;
      readonly placedAt: string;
      readonly personal: OrderPersonal | Erased;
    }
  | { readonly type: 'OrderCancellationRequested'; readonly orderId: string; readonly requestedAt: string }
  | {
      readonly type: 'OrderCompletionRejected';
      readonly orderId: string;
      readonly reason: CancellationReason;
    }
  | { readonly type: 'OrderCompleted'; readonly orderId: string; readonly completedAt: string }
  | {
      readonly type: 'OrderCancelled';
      readonly orderId: string;
      readonly reason: CancellationReason;
      readonly cancelledAt: string;
    };

export const orderEventTypes = declareEvents<OrderEvent>({
  OrderCreated: firstVersion,
  OrderCancellationRequested: firstVersion,
  OrderCompletionRejected: firstVersion,
  OrderCompleted: firstVersion,
  OrderCancelled: firstVersion,
});
