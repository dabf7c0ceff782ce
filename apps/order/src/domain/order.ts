import type { CancellationReason, Money, PricedLine } from '@millrace/contracts';
import { assertNever } from '@millrace/event-sourcing';
import type { OrderEvent, OrderPersonal } from './events.ts';

interface Placed {
  readonly orderId: string;
  readonly customerId: string;
  readonly lines: readonly PricedLine[];
  readonly total: Money;
  readonly personal: OrderPersonal;
}

export type Order =
  | { readonly status: 'absent' }
  | ({ readonly status: 'pending' } & Placed)
  | ({ readonly status: 'cancelling'; readonly completionRejected: boolean } & Placed)
  | ({ readonly status: 'completed' } & Placed)
  | ({ readonly status: 'cancelled'; readonly reason: CancellationReason } & Placed);

export const noOrder: Order = { status: 'absent' };

export function evolve(order: Order, event: OrderEvent): Order {
  switch (event.type) {
    case 'OrderCreated':
      return { status: 'pending', ...placed(event) };
    case 'OrderCancellationRequested':
      return { ...placed(existing(order)), status: 'cancelling', completionRejected: false };
    case 'OrderCompletionRejected':
      return order.status === 'cancelling' ? { ...order, completionRejected: true } : order;
    case 'OrderCompleted':
      return { ...placed(existing(order)), status: 'completed' };
    case 'OrderCancelled':
      return { ...placed(existing(order)), status: 'cancelled', reason: event.reason };
    default:
      return assertNever(event);
  }
}

const placed = ({ orderId, customerId, lines, total, personal }: Placed): Placed => ({ orderId, customerId, lines, total, personal });

function existing(order: Order): Placed {
  if (order.status === 'absent') throw new Error('an order begins with OrderCreated');
  return order;
}
