import { instant } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An order's shipment, once the carrier has answered or the shipment was cancelled. */
@Entity('shipment')
export class Shipment {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text')
  status!: 'scheduled' | 'dispatched' | 'delivered' | 'cancelled' | 'refused';

  @Column(instant)
  updatedAt!: string;
}
