import { inlineProjection, minus, plus, integer, instant } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderLine } from '@millrace/contracts';
import type { StockEvent, ReservationEvent } from './domain/events.ts';

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

export const reservationProjection = inlineProjection(Reservation).of<ReservationEvent>({
  InventoryReserved: ({ lines }, { at }) => ({ status: 'reserved', lines: [...lines], updatedAt: at }),
  InventoryReserveFailed: (_, { at }) => ({ status: 'failed', lines: [], updatedAt: at }),
  InventoryReleased: ({ lines }, { at }) => ({ status: 'released', lines: [...lines], updatedAt: at }),
  ReservationCommitted: (_, { at }) => ({ status: 'committed', updatedAt: at }),
});

@Entity('product')
export class Product {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column(integer)
  priceAmount!: number;

  @Column('text')
  priceCurrency!: string;

  @Column({ ...integer, default: 0 })
  onHand!: number;

  @Column({ ...integer, default: 0 })
  reserved!: number;

  @Column({ ...integer, default: 0 })
  shipped!: number;

  @Column({ ...integer, default: 0 })
  returned!: number;
}

/** Folds the stream of each SKU into its row. */
export const productProjection = inlineProjection(Product).of<StockEvent>({
  ProductDefined: ({ name, price }) => ({ name, priceAmount: price.amount, priceCurrency: price.currency }),
  ProductPriceChanged: ({ price }) => ({ priceAmount: price.amount, priceCurrency: price.currency }),
  StockReceived: ({ quantity }) => ({ onHand: plus(quantity) }),
  StockReserved: ({ quantity }) => ({ onHand: minus(quantity), reserved: plus(quantity) }),
  StockReleased: ({ quantity }) => ({ onHand: plus(quantity), reserved: minus(quantity) }),
  StockShipped: ({ quantity }) => ({ reserved: minus(quantity), shipped: plus(quantity) }),
  StockReturned: ({ quantity }) => ({ shipped: minus(quantity), returned: plus(quantity) }),
  StockSentBack: ({ quantity }) => ({ returned: minus(quantity), shipped: plus(quantity) }),
  StockRestocked: ({ quantity }) => ({ returned: minus(quantity), onHand: plus(quantity) }),
});
