import type { CancellationReason, PricedLine } from '@millrace/contracts';
import { instant, integer } from '@millrace/read-models';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { z } from 'zod';

export const orderStatus = z.enum(['pending', 'cancelling', 'completed', 'cancelled']);
export type OrderStatus = z.infer<typeof orderStatus>;

/** An order as GET /orders shows it, without personal data. */
@Entity('order_summary')
@Index('order_summary_page', ['placedAt', 'orderId'])
@Index('order_summary_customer', ['customerId', 'placedAt', 'orderId'])
@Index('order_summary_status', ['status', 'placedAt', 'orderId'])
export class OrderSummary {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text')
  customerId!: string;

  @Column('text')
  status!: OrderStatus;

  @Column('text', { nullable: true })
  reason!: CancellationReason | null;

  @Column('jsonb')
  lines!: PricedLine[];

  @Column(integer)
  totalAmount!: number;

  @Column('text')
  totalCurrency!: string;

  @Column(integer)
  version!: number;

  @Column(instant)
  placedAt!: string;

  @Column(instant)
  updatedAt!: string;
}
