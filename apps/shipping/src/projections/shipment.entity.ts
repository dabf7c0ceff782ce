import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('shipment')
export class ShipmentRow {
  @PrimaryColumn({ name: 'order_id', type: 'uuid' })
  orderId!: string;

  @Column({ type: 'text' })
  status!: 'scheduled' | 'dispatched' | 'delivered' | 'cancelled' | 'refused';

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}
