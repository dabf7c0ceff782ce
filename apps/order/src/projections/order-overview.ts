import {
  inventoryEvents,
  notificationEvents,
  orderEvents,
  paymentEvents,
  shippingEvents,
  type CancellationReason,
} from '@millrace/contracts';
import { topicProjection, type MessageStamp, instant, integer } from '@millrace/read-models';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { OrderStatus } from './order-summary.ts';

/**
 * An order with what the other services have done for it. Each topic writes columns of its own, so
 * any of them may be missing at first. Public events carry no personal data, so an overview has none.
 */
@Entity('order_overview')
@Index('order_overview_page', ['placedAt', 'orderId'], { where: 'placed_at IS NOT NULL' })
@Index('order_overview_customer', ['customerId', 'placedAt', 'orderId'], { where: 'placed_at IS NOT NULL' })
export class OrderOverview {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text', { nullable: true })
  customerId!: string | null;

  @Column('text', { nullable: true })
  status!: OrderStatus | null;

  @Column('text', { nullable: true })
  reason!: CancellationReason | null;

  @Column({ ...integer, nullable: true })
  totalAmount!: number | null;

  @Column('text', { nullable: true })
  totalCurrency!: string | null;

  @Column('text', { nullable: true })
  reservation!: 'reserved' | 'failed' | 'released' | 'committed' | null;

  @Column('text', { nullable: true })
  payment!: 'processed' | 'failed' | 'refunded' | null;

  @Column('text', { nullable: true })
  shipment!: 'scheduled' | 'failed' | 'cancelled' | 'dispatched' | 'delivered' | null;

  /** The kind of the last mail that was sent. */
  @Column('text', { nullable: true })
  mail!: string | null;

  @Column({ ...integer, nullable: true })
  version!: number | null;

  @Column({ ...instant, nullable: true })
  placedAt!: string | null;

  @Column({ ...instant, nullable: true })
  updatedAt!: string | null;
}

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
