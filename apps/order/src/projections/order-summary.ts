import { inlineProjection, type EventStamp, instant, integer } from '@millrace/read-models';
import type { CancellationReason, PricedLine } from '@millrace/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { z } from 'zod';
import type { OrderEvent } from '../domain/events.ts';
import type { PersonalRecords } from '@millrace/service-chassis/service';
import { choreographyStream } from '../choreography/stream-ids.ts';
import { orderStream, returnStream } from '../stream-ids.ts';

export const orderStatus = z.enum(['pending', 'cancelling', 'completed', 'cancelled']);
export type OrderStatus = z.infer<typeof orderStatus>;

/** An order as GET /orders shows it, without personal data. */
@Entity('order_summary')
@Index('order_summary_page', ['placedAt', 'orderId'])
@Index('order_summary_customer', ['customerId', 'placedAt', 'orderId'])
@Index('order_summary_status', ['status', 'placedAt', 'orderId'])
export class OrderSummary {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text')
  customerId!: string;

  @Column('text')
  status!: OrderStatus;

  @Column('text', { nullable: true })
  reason!: CancellationReason | null;

  @Column('jsonb')
  lines!: PricedLine[];

  @Column(integer)
  totalAmount!: number;

  @Column('text')
  totalCurrency!: string;

  @Column(integer)
  version!: number;

  @Column(instant)
  placedAt!: string;

  @Column(instant)
  updatedAt!: string;
}

const stamped = ({ at, version }: EventStamp) => ({ version, updatedAt: at });

/**
 * Updates the row in the transaction of the event, so a read after a 202 always finds the order.
 */
export const orderSummaryProjection = inlineProjection(OrderSummary).of<OrderEvent>({
  OrderCreated: ({ customerId, lines, total, placedAt }, stamp) => ({
    customerId,
    status: 'pending',
    lines: [...lines],
    totalAmount: total.amount,
    totalCurrency: total.currency,
    placedAt,
    ...stamped(stamp),
  }),
  OrderCancellationRequested: (_, stamp) => ({ status: 'cancelling', ...stamped(stamp) }),
  OrderCompletionRejected: (_, stamp) => stamped(stamp),
  OrderCompleted: (_, stamp) => ({ status: 'completed', ...stamped(stamp) }),
  OrderCancelled: ({ reason }, stamp) => ({ status: 'cancelled', reason, ...stamped(stamp) }),
});

const ordersOfCustomer = `
  SELECT order_id, EXISTS (SELECT FROM order_return WHERE order_return.order_id = order_summary.order_id) AS returned
  FROM order_summary WHERE customer_id = $1`;

const openOrders = `
  SELECT order_id FROM order_summary
  WHERE customer_id = $1 AND status IN ('pending', 'cancelling')
  ORDER BY placed_at, order_id
  LIMIT $2::integer`;

const openReturns = `
  SELECT order_id FROM order_return
  WHERE customer_id = $1 AND status NOT IN ('completed', 'closed')
  ORDER BY requested_at, order_id
  LIMIT $2::integer`;

type OrderRow = { readonly order_id: string };
type OrderWithReturn = OrderRow & { readonly returned: boolean };

const idOf = ({ order_id: orderId }: OrderRow): string => orderId;

/**
 * The orders and returns of a customer. An open order still needs the address and the payment method,
 * and the end of an open return is mailed.
 */
export const personalRecords: PersonalRecords = {
  async streams(transaction, { subject }) {
    const { rows } = await transaction.query<OrderWithReturn>(ordersOfCustomer, [subject]);
    return rows.flatMap(({ order_id: orderId, returned }) => [
      orderStream(orderId),
      choreographyStream(orderId),
      ...(returned ? [returnStream(orderId)] : []),
    ]);
  },
  async openWork(transaction, subject, limit) {
    const { rows } = await transaction.query<OrderRow>(openOrders, [subject, limit]);
    const returns = await transaction.query<OrderRow>(openReturns, [subject, limit]);
    return { orders: rows.map(idOf), returns: returns.rows.map(idOf) };
  },
};
