import type { CancellationReason } from '@millrace/contracts';
import { instant, integer } from '@millrace/read-models';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { OrderStatus } from './order-summary.entity.ts';

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
