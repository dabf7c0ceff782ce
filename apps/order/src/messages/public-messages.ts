import { notificationCommands, orderEvents, type NotificationKind } from '@millrace/contracts';
import {
  assertNever,
  loadState,
  postgresEventStore,
  toPublic,
  type PublicMessage,
  type RecordedEvent,
} from '@millrace/event-sourcing';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { order } from '../domain/decide.ts';
import type { OrderEvent } from '../domain/events.ts';

/** What others are told about a private event, and the mail to the customer. Personal data go into the mail's command only. */
export async function publicMessages(
  event: OrderEvent,
  recorded: RecordedEvent<OrderEvent>,
  transaction: SqlTransaction,
): Promise<readonly PublicMessage[]> {
  const { orderId } = event;
  switch (event.type) {
    case 'OrderCreated': {
      const { customerId, lines, total, placedAt } = event;
      return [
        toPublic(orderEvents.OrderCreated, { orderId, customerId, lines: [...lines], total, placedAt }),
      ];
    }
    case 'OrderCancellationRequested':
      return [toPublic(orderEvents.OrderCancellationRequested, { orderId, requestedAt: event.requestedAt })];
    case 'OrderCompletionRejected':
      return [toPublic(orderEvents.OrderCompletionRejected, { orderId, reason: event.reason })];
    case 'OrderCompleted':
      return [
        toPublic(orderEvents.OrderCompleted, { orderId, completedAt: event.completedAt }),
        await mailOf('order-completed', recorded, transaction),
      ];
    case 'OrderCancelled':
      return [
        toPublic(orderEvents.OrderCancelled, {
          orderId,
          reason: event.reason,
          cancelledAt: event.cancelledAt,
        }),
        await mailOf('order-cancelled', recorded, transaction),
      ];
    default:
      return assertNever(event);
  }
}

const reader = postgresEventStore({});

/** Reads the customer's name and address back from the order's own stream, which the transaction holds. */
async function mailOf(
  kind: NotificationKind,
  { stream, event }: RecordedEvent<OrderEvent>,
  transaction: SqlTransaction,
): Promise<PublicMessage> {
  const { state } = await loadState(transaction, reader, order, stream);
  if (state.status === 'absent') throw new Error(`${stream}: ${event.type} in a stream without an order`);
  const { orderId, total, personal } = state;
  const reason = state.status === 'cancelled' ? { reason: state.reason } : {};
  return toPublic(notificationCommands.SendOrderMail, {
    orderId,
    kind,
    to: personal.email,
    name: personal.shippingAddress.name,
    total,
    ...reason,
  });
}
