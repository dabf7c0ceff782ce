import { inlineProjection, instant } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ReturnLabelEvent, ShipmentEvent } from './domain/events.ts';

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

/** The label for an order's return, once the carrier has answered or the label was voided. */
@Entity('return_label')
export class ReturnLabel {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text')
  status!: 'made' | 'refused' | 'voided' | 'received';

  @Column('text', { nullable: true })
  trackingNumber!: string | null;

  @Column({ ...instant, nullable: true })
  receivedAt!: string | null;

  @Column(instant)
  updatedAt!: string;
}

export const returnLabelProjection = inlineProjection(ReturnLabel).of<ReturnLabelEvent>({
  ReturnLabelMade: ({ trackingNumber }, { at }) => ({ status: 'made', trackingNumber, updatedAt: at }),
  ReturnLabelRefused: (_, { at }) => ({ status: 'refused', updatedAt: at }),
  ReturnLabelVoided: (_, { at }) => ({ status: 'voided', updatedAt: at }),
  ReturnParcelReceived: ({ receivedAt }, { at }) => ({ status: 'received', receivedAt, updatedAt: at }),
});
