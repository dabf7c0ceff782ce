import type { CancellationReason, Money, PricedLine } from '@millrace/contracts';
import { assertNever, type Erased } from '@millrace/event-sourcing';
import type { OrderEvent, OrderPersonal } from './events.ts';

/** The command has the same fields as the event that it records. */
type PlaceOrder = { readonly type: 'PlaceOrder'; readonly personal: OrderPersonal } & Omit<
  Extract<OrderEvent, { type: 'OrderCreated' }>,
  'type' | 'personal'
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

export type OrderRejection = 'order_exists' | 'unknown_order' | 'order_not_cancellable';

interface Placed {
  readonly orderId: string;
  readonly customerId: string;
  readonly lines: readonly PricedLine[];
  readonly total: Money;
  readonly personal: OrderPersonal | Erased;
}

export type Order =
  | { readonly status: 'absent' }
  | ({ readonly status: 'pending' } & Placed)
  | ({ readonly status: 'cancelling' } & Answered & Placed)
  | ({ readonly status: 'completed' } & Placed)
  | ({ readonly status: 'cancelled'; readonly reason: CancellationReason } & Answered & Placed);

/**
 * Answers that must not change once given: the customer's cancellation was accepted, or a
 * completion was rejected.
 */
interface Answered {
  readonly cancellationAccepted: boolean;
  readonly completionRejected: boolean;
}

export const initialState: Order = { status: 'absent' };

export function evolve(order: Order, event: OrderEvent): Order {
  switch (event.type) {
    case 'OrderCreated':
      return { status: 'pending', ...placed(event) };
    case 'OrderCancellationRequested':
      return {
        ...placed(existing(order)),
        status: 'cancelling',
        cancellationAccepted: true,
        completionRejected: false,
      };
    case 'OrderCompletionRejected':
      return order.status === 'cancelling' || order.status === 'cancelled'
        ? { ...order, completionRejected: true }
        : order;
    case 'OrderCompleted':
      return { ...placed(existing(order)), status: 'completed' };
    case 'OrderCancelled':
      return { ...placed(existing(order)), ...answered(order), status: 'cancelled', reason: event.reason };
    default:
      return assertNever(event);
  }
}

const placed = ({ orderId, customerId, lines, total, personal }: Placed): Placed => ({
  orderId,
  customerId,
  lines,
  total,
  personal,
});

const answered = (order: Order): Answered =>
  'cancellationAccepted' in order
    ? { cancellationAccepted: order.cancellationAccepted, completionRejected: order.completionRejected }
    : { cancellationAccepted: false, completionRejected: false };

function existing(order: Order): Placed {
  if (order.status === 'absent') throw new Error('the first event of an order must be OrderCreated');
  return order;
}
