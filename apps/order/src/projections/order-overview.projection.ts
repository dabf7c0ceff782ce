import {
  fields,
  inventoryEvents,
  notificationEvents,
  orderEvents,
  paymentEvents,
  shippingEvents,
} from '@millrace/contracts';
import { readModel, topicProjection, type MessageStamp } from '@millrace/service-chassis/service';
import { z } from 'zod';
import { orderStatus } from './order-summary.projection.ts';

/**
 * An order with what the other services have done for it, joined from five topics as their events
 * arrive. Public events carry no personal data, so an overview has none.
 */
export const orderOverview = readModel({
  table: 'order_overview',
  key: 'orderId',
  newestFirst: 'placedAt',
  joined: { shownOnce: 'placedAt', greatest: ['version', 'updatedAt'] },
  fields: {
    orderId: fields.orderId,
    customerId: fields.customerId,
    status: orderStatus,
    reason: fields.reason.optional(),
    total: fields.money,
    reservation: z.enum(['reserved', 'failed', 'released', 'committed']).optional(),
    payment: z.enum(['processed', 'failed', 'refunded']).optional(),
    shipment: z.enum(['scheduled', 'failed', 'cancelled', 'dispatched', 'delivered']).optional(),
    mail: z.string().optional().describe('The kind of the last mail that was sent'),
    version: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe('The version of the order; 0 if its events are from before messages carried versions'),
    placedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  },
});

/**
 * Leaves out the version, because an event of another service carries the version of another
 * stream.
 */
const at = (stamp: MessageStamp) => ({ updatedAt: stamp.at });
const ofOrder = (stamp: MessageStamp) => ({ updatedAt: stamp.at, version: stamp.version });

export const orderOverviewProjection = topicProjection(orderOverview)
  .from(orderEvents, {
    OrderCreated: ({ customerId, total, placedAt }, stamp) => ({
      customerId,
      status: 'pending',
      total,
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
