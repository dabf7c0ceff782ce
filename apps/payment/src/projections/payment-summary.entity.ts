import { integer } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('payment_summary')
export class PaymentSummary {
  @PrimaryColumn('text')
  orderId!: string;

  @Column('text')
  status!: 'processing' | 'processed' | 'failed' | 'refunding' | 'refunded' | 'cancelled';

  @Column('text', { nullable: true })
  reason!: string | null;

  /** NULL, as the currency is, if the payment was cancelled before it began. */
  @Column({ ...integer, nullable: true })
  amount!: number | null;

  @Column('text', { nullable: true })
  currency!: string | null;
}
