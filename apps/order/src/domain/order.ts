import type { CancellationReason, Money, OrderStyle, PricedLine } from '@millrace/contracts';
import { assertNever, type Erased, rejected, type Decider, type Rejected } from '@millrace/event-sourcing';
import type { OrderEvent, OrderPersonal } from './events.ts';

type Decision = readonly OrderEvent[] | Rejected<OrderRejection>;

type Existing = Exclude<Order, { status: 'absent' }>;
type CommandOf<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

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
  readonly style: OrderStyle;
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

const initialState: Order = { status: 'absent' };

export const order: Decider<OrderCommand, OrderEvent, Order, OrderRejection> = {
  initialState,
  decide,
  evolve,
};

/** A command that has already taken effect records no new event. */
function decide(command: OrderCommand, state: Order): Decision {
  if (command.type === 'PlaceOrder') return place(command, state);
  if (state.status === 'absent') return rejected('unknown_order');
  switch (command.type) {
    case 'RequestCancellation':
      return requestCancellation(command, state);
    case 'CompleteOrder':
      return complete(command, state);
    case 'CancelOrder':
      return cancel(command, state);
    default:
      return assertNever(command);
  }
}

/** The personal data of an order is about its customer. */
function place(command: CommandOf<'PlaceOrder'>, state: Order): Decision {
  if (state.status !== 'absent') return rejected('order_exists');
  const personal = { subject: command.customerId, ...command.personal };
  return [{ ...command, type: 'OrderCreated', personal }];
}

/**
 * Whichever comes first in the stream wins: this request or the completion. A request that was
 * accepted stays accepted, even if the order is cancelled for another reason in the end.
 */
function requestCancellation(
  { orderId, requestedAt }: CommandOf<'RequestCancellation'>,
  state: Existing,
): Decision {
  switch (state.status) {
    case 'pending':
      return [{ type: 'OrderCancellationRequested', orderId, requestedAt }];
    case 'cancelling':
      return [];
    case 'cancelled':
      return state.cancellationAccepted
        ? []
        : rejected('order_not_cancellable', { orderStatus: state.status, reason: state.reason });
    case 'completed':
      return rejected('order_not_cancellable', { orderStatus: state.status });
    default:
      return assertNever(state);
  }
}

function complete({ orderId, completedAt }: CommandOf<'CompleteOrder'>, state: Existing): Decision {
  switch (state.status) {
    case 'pending':
      return [{ type: 'OrderCompleted', orderId, completedAt }];
    case 'completed':
      return [];
    case 'cancelling':
      return state.completionRejected
        ? []
        : [{ type: 'OrderCompletionRejected', orderId, reason: 'cancelled_by_customer' }];
    case 'cancelled':
      return state.completionRejected
        ? []
        : [{ type: 'OrderCompletionRejected', orderId, reason: state.reason }];
    default:
      return assertNever(state);
  }
}

function cancel({ orderId, reason, cancelledAt }: CommandOf<'CancelOrder'>, state: Existing): Decision {
  switch (state.status) {
    case 'pending':
    case 'cancelling':
      return [{ type: 'OrderCancelled', orderId, reason, cancelledAt }];
    case 'cancelled':
      return [];
    case 'completed':
      return rejected('order_not_cancellable', { orderStatus: state.status });
    default:
      return assertNever(state);
  }
}

function evolve(order: Order, event: OrderEvent): Order {
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

const placed = ({ orderId, customerId, lines, total, style, personal }: Placed): Placed => ({
  orderId,
  customerId,
  lines,
  total,
  style,
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
