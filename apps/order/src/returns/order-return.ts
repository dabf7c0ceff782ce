import type { OrderLine, ReturnReason } from '@millrace/contracts';
import { inlineProjection, type EventStamp, instant, integer } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { z } from 'zod';
import type { ReturnEvent } from './events.ts';

export const returnStatus = z.enum([
  'requested',
  'approved',
  'denied',
  'announced',
  'withdrawn',
  'completed',
  'closed',
]);

/** A return as GET /orders/{orderId}/return shows it, without personal data. */
@Entity('order_return')
export class OrderReturn {
  @PrimaryColumn('uuid')
  orderId!: string;

  @Column('text')
  status!: z.infer<typeof returnStatus>;

  @Column('text')
  customerId!: string;

  @Column('jsonb')
  lines!: OrderLine[];

  @Column(integer)
  refundAmount!: number;

  @Column('text')
  refundCurrency!: string;

  @Column('text', { nullable: true })
  trackingNumber!: string | null;

  @Column('text', { nullable: true })
  reason!: ReturnReason | null;

  @Column(integer)
  version!: number;

  @Column(instant)
  requestedAt!: string;

  @Column(instant)
  updatedAt!: string;
}

const stamped = ({ at, version }: EventStamp) => ({ version, updatedAt: at });

/** Updates the row in the transaction of the event. */
export const orderReturnProjection = inlineProjection(OrderReturn).of<ReturnEvent>({
  ReturnRequested: ({ customerId, lines, refund, requestedAt }, stamp) => ({
    status: 'requested',
    customerId,
    lines: [...lines],
    refundAmount: refund.amount,
    refundCurrency: refund.currency,
    requestedAt,
    ...stamped(stamp),
  }),
  ReturnApproved: (_, stamp) => ({ status: 'approved', ...stamped(stamp) }),
  ReturnDenied: (_, stamp) => ({ status: 'denied', ...stamped(stamp) }),
  ReturnWithdrawn: (_, stamp) => ({ status: 'withdrawn', ...stamped(stamp) }),
  ReturnAnnounced: ({ trackingNumber }, stamp) => ({
    status: 'announced',
    trackingNumber,
    ...stamped(stamp),
  }),
  ReturnCompletionRejected: (_, stamp) => stamped(stamp),
  ReturnCompleted: (_, stamp) => ({ status: 'completed', ...stamped(stamp) }),
  ReturnClosed: ({ reason }, stamp) => ({ status: 'closed', reason, ...stamped(stamp) }),
});
