import { fields } from '@millrace/contracts';
import { inlineProjection, readModel } from '@millrace/service-chassis/service';
import { z } from 'zod';
import type { PaymentEvent } from '../domain/events.ts';

export const paymentSummary = readModel({
  table: 'payment_summary',
  key: 'orderId',
  columns: { 'amount.amount': 'amount', 'amount.currency': 'currency' },
  fields: {
    orderId: fields.orderId,
    status: z.enum(['processing', 'processed', 'failed', 'refunding', 'refunded', 'cancelled']),
    amount: fields.money.nullable().describe('Null if the payment was cancelled before it began'),
    reason: z.string().optional(),
  },
});

export const paymentProjection = inlineProjection(paymentSummary).of<PaymentEvent>({
  CardChargeRequested: ({ amount }) => ({ status: 'processing', amount }),
  PaymentProcessed: ({ amount }) => ({ status: 'processed', amount, reason: null }),
  PaymentFailed: ({ amount, reason }) => ({ status: 'failed', amount, reason }),
  RefundRequested: () => ({ status: 'refunding' }),
  PaymentRefunded: ({ amount }) =>
    amount === null ? { status: 'cancelled', amount: null } : { status: 'refunded', amount },
});
