import { assertNever, rejected, type Decider, type Rejected } from '@millrace/event-sourcing';
import type { OrderEvent } from './events.ts';
import { evolve, initialState, type Order, type OrderCommand, type OrderRejection } from './order.ts';

type Decision = readonly OrderEvent[] | Rejected<OrderRejection>;

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

type Existing = Exclude<Order, { status: 'absent' }>;
type CommandOf<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>;

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
