import {
  inventoryEvents,
  notificationEvents,
  orderEvents,
  paymentEvents,
  shippingEvents,
} from '@millrace/contracts';
import { topicProjection, type MessageStamp } from '@millrace/read-models';
import { OrderOverview } from './order-overview.entity.ts';

/**
 * Leaves out the version, because an event of another service carries the version of another
 * stream.
 */
const at = (stamp: MessageStamp) => ({ updatedAt: stamp.at });
const ofOrder = (stamp: MessageStamp) => ({ updatedAt: stamp.at, version: stamp.version });

export const orderOverviewProjection = topicProjection(OrderOverview, {
  shownOnce: 'placedAt',
  greatest: ['version', 'updatedAt'],
})
  .from(orderEvents, {
    OrderCreated: ({ customerId, total, placedAt }, stamp) => ({
      customerId,
      status: 'pending',
      totalAmount: total.amount,
      totalCurrency: total.currency,
      placedAt,
      ...ofOrder(stamp),
    }),
    OrderCancellationRequested: (_, stamp) => ({ status: 'cancelling', ...ofOrder(stamp) }),
    OrderCompletionRejected: (_, stamp) => ofOrder(stamp),
    OrderCompleted: (_, stamp) => ({ status: 'completed', ...ofOrder(stamp) }),
    OrderCancelled: ({ reason }, stamp) => ({ status: 'cancelled', reason, ...ofOrder(stamp) }),
  })
  .from(inventoryEvents, {
    InventoryReserved: (_, stamp) => ({ reservation: 'reserved', ...at(stamp) }),
    InventoryReserveFailed: (_, stamp) => ({ reservation: 'failed', ...at(stamp) }),
    InventoryReleased: (_, stamp) => ({ reservation: 'released', ...at(stamp) }),
    ReservationCommitted: (_, stamp) => ({ reservation: 'committed', ...at(stamp) }),
  })
  .from(paymentEvents, {
    PaymentProcessed: (_, stamp) => ({ payment: 'processed', ...at(stamp) }),
    PaymentFailed: (_, stamp) => ({ payment: 'failed', ...at(stamp) }),
    PaymentRefunded: (_, stamp) => ({ payment: 'refunded', ...at(stamp) }),
  })
  .from(shippingEvents, {
    ShipmentScheduled: (_, stamp) => ({ shipment: 'scheduled', ...at(stamp) }),
    ShipmentFailed: (_, stamp) => ({ shipment: 'failed', ...at(stamp) }),
    ShipmentCancelled: (_, stamp) => ({ shipment: 'cancelled', ...at(stamp) }),
    ShipmentDispatched: (_, stamp) => ({ shipment: 'dispatched', ...at(stamp) }),
    ShipmentDelivered: (_, stamp) => ({ shipment: 'delivered', ...at(stamp) }),
  })
  .from(notificationEvents, {
    NotificationSent: ({ kind }, stamp) => ({ mail: kind, ...at(stamp) }),
  });
