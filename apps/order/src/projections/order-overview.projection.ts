import {
  inventoryEvents,
  notificationEvents,
  orderEvents,
  paymentEvents,
  shippingEvents,
} from '@millrace/contracts';
import { changesOf, topicProjection } from '@millrace/service-chassis/service';
import { OVERVIEW_VERSIONS, WRITE_OVERVIEWS } from './order-overview.sql.ts';

/** What one message tells about an order. No personal data: there are none in public events. */
interface OverviewChange {
  readonly orderId: string;
  readonly updatedAt: string;
  readonly customerId?: string;
  readonly status?: 'pending' | 'cancelling' | 'completed' | 'cancelled';
  readonly reason?: string;
  readonly totalAmount?: number;
  readonly totalCurrency?: string;
  /** Of the order's stream. */
  readonly version?: number;
  readonly placedAt?: string;
  readonly reservation?: 'reserved' | 'failed' | 'released' | 'committed';
  readonly payment?: 'processed' | 'failed' | 'refunded';
  readonly shipment?: 'scheduled' | 'failed' | 'cancelled' | 'dispatched' | 'delivered';
  readonly mail?: string;
}

const when = changesOf<OverviewChange>();

interface Stamp {
  readonly time: string;
  readonly streamVersion?: number;
}

/** Of another service's event: its version is of another stream. */
const at = ({ time }: Stamp) => ({ updatedAt: time });
/** An event from before versions were told leaves the version as it is. */
const ofOrder = ({ time, streamVersion }: Stamp) => ({
  updatedAt: time,
  ...(streamVersion !== undefined && { version: streamVersion }),
});

const { InventoryReserved, InventoryReserveFailed, InventoryReleased, ReservationCommitted } =
  inventoryEvents;
const { PaymentProcessed, PaymentFailed, PaymentRefunded } = paymentEvents;
const { ShipmentScheduled, ShipmentFailed, ShipmentCancelled, ShipmentDispatched, ShipmentDelivered } =
  shippingEvents;

/** An order with what the other services have done for it, joined from five topics as they come. */
export const orderOverview = topicProjection<OverviewChange>(
  {
    name: 'order-overview',
    versions: OVERVIEW_VERSIONS,
    key: 'orderId',
    merge: (kept, next) => ({
      ...kept,
      ...next,
      updatedAt: kept.updatedAt > next.updatedAt ? kept.updatedAt : next.updatedAt,
    }),
    write: async (transaction, rows) =>
      void (await transaction.query(WRITE_OVERVIEWS, [JSON.stringify(rows)])),
  },
  [
    when(orderEvents.OrderCreated, ({ orderId, customerId, total, placedAt }, context) => ({
      orderId,
      customerId,
      status: 'pending',
      totalAmount: total.amount,
      totalCurrency: total.currency,
      placedAt,
      ...ofOrder(context),
    })),
    when(orderEvents.OrderCancellationRequested, ({ orderId }, context) => ({
      orderId,
      status: 'cancelling',
      ...ofOrder(context),
    })),
    when(orderEvents.OrderCompletionRejected, ({ orderId }, context) => ({ orderId, ...ofOrder(context) })),
    when(orderEvents.OrderCompleted, ({ orderId }, context) => ({
      orderId,
      status: 'completed',
      ...ofOrder(context),
    })),
    when(orderEvents.OrderCancelled, ({ orderId, reason }, context) => ({
      orderId,
      status: 'cancelled',
      reason,
      ...ofOrder(context),
    })),
    when(InventoryReserved, ({ orderId }, context) => ({ orderId, reservation: 'reserved', ...at(context) })),
    when(InventoryReserveFailed, ({ orderId }, context) => ({
      orderId,
      reservation: 'failed',
      ...at(context),
    })),
    when(InventoryReleased, ({ orderId }, context) => ({ orderId, reservation: 'released', ...at(context) })),
    when(ReservationCommitted, ({ orderId }, context) => ({
      orderId,
      reservation: 'committed',
      ...at(context),
    })),
    when(PaymentProcessed, ({ orderId }, context) => ({ orderId, payment: 'processed', ...at(context) })),
    when(PaymentFailed, ({ orderId }, context) => ({ orderId, payment: 'failed', ...at(context) })),
    when(PaymentRefunded, ({ orderId }, context) => ({ orderId, payment: 'refunded', ...at(context) })),
    when(ShipmentScheduled, ({ orderId }, context) => ({ orderId, shipment: 'scheduled', ...at(context) })),
    when(ShipmentFailed, ({ orderId }, context) => ({ orderId, shipment: 'failed', ...at(context) })),
    when(ShipmentCancelled, ({ orderId }, context) => ({ orderId, shipment: 'cancelled', ...at(context) })),
    when(ShipmentDispatched, ({ orderId }, context) => ({ orderId, shipment: 'dispatched', ...at(context) })),
    when(ShipmentDelivered, ({ orderId }, context) => ({ orderId, shipment: 'delivered', ...at(context) })),
    when(notificationEvents.NotificationSent, ({ orderId, kind }, context) => ({
      orderId,
      mail: kind,
      ...at(context),
    })),
  ],
);
