import type { OrderLine } from '@millrace/contracts';
import { instant } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The units held for an order. The `lines` of a released reservation are those that it held. */
@Entity('reservation')
export class Reservation {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text')
  status!: 'reserved' | 'failed' | 'released' | 'committed';

  @Column('jsonb')
  lines!: OrderLine[];

  @Column(instant)
  updatedAt!: string;
}
