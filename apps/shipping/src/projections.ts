import { inlineProjection, instant } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ShipmentEvent } from './domain/events.ts';

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

export const shipmentProjection = inlineProjection(Shipment).of<ShipmentEvent>({
  ShipmentScheduled: (_, { at }) => ({ status: 'scheduled', updatedAt: at }),
  ShipmentFailed: (_, { at }) => ({ status: 'refused', updatedAt: at }),
  ShipmentCancelled: (_, { at }) => ({ status: 'cancelled', updatedAt: at }),
  ShipmentDispatched: (_, { at }) => ({ status: 'dispatched', updatedAt: at }),
  ShipmentDelivered: (_, { at }) => ({ status: 'delivered', updatedAt: at }),
});
