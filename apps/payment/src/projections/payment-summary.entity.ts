import { safeInteger } from '@millrace/service-chassis/service';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export const paymentStatuses = [
  'processing',
  'processed',
  'failed',
  'refunding',
  'refunded',
  'cancelled',
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

@Entity({ name: 'payment_summary' })
export class PaymentSummary {
  @PrimaryColumn({ name: 'order_id', type: 'text' })
  orderId!: string;

  @Column({ type: 'text' })
  status!: PaymentStatus;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'bigint', transformer: safeInteger, nullable: true })
  amount!: number | null;

  @Column({ type: 'text', nullable: true })
  currency!: string | null;
}
