import type { CancellationReason, PricedLine } from '@millrace/contracts';
import { safeInteger } from '@millrace/service-chassis/service';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `order_summary`: what GET /orders answers. No personal data. */
@Entity('order_summary')
export class OrderSummary {
  @PrimaryColumn({ name: 'order_id', type: 'uuid' })
  orderId!: string;

  @Column({ name: 'customer_id', type: 'text' })
  customerId!: string;

  @Column({ type: 'text' })
  status!: 'pending' | 'cancelling' | 'completed' | 'cancelled';

  @Column({ type: 'text', nullable: true })
  reason!: CancellationReason | null;

  @Column({ type: 'jsonb' })
  lines!: readonly PricedLine[];

  @Column({ name: 'total_amount', type: 'bigint', transformer: safeInteger })
  totalAmount!: number;

  @Column({ name: 'total_currency', type: 'text' })
  totalCurrency!: string;

  @Column({ type: 'bigint', transformer: safeInteger })
  version!: number;

  @Column({ name: 'placed_at', type: 'timestamptz' })
  placedAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}
