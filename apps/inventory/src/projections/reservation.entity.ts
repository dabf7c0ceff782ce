import type { OrderLine } from '@millrace/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('reservation')
export class ReservationRow {
  @PrimaryColumn({ name: 'order_id', type: 'uuid' })
  orderId!: string;

  @Column({ type: 'text' })
  status!: 'reserved' | 'failed' | 'released' | 'committed';

  @Column({ type: 'jsonb' })
  lines!: readonly OrderLine[];

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}
