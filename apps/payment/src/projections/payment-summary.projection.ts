import { inlineProjection } from '@millrace/service-chassis/service';
import type { PaymentEvent } from '../domain/payment.ts';
import { PaymentSummary } from './payment-summary.entity.ts';

export const paymentSummary = inlineProjection<PaymentEvent>()(
  'payment-summary',
  { version: 1, entity: PaymentSummary },
  {
    CardChargeRequested: ({ orderId, amount }, { insert }) =>
      insert({ orderId, status: 'processing', reason: null, ...amount }),
    PaymentProcessed: ({ orderId, amount }, { upsert }) =>
      upsert({ orderId, status: 'processed', reason: null, ...amount }),
    PaymentFailed: ({ orderId, amount, reason }, { upsert }) =>
      upsert({ orderId, status: 'failed', reason, ...amount }),
    RefundRequested: ({ orderId }, { update }) => update(orderId, { status: 'refunding' }),
    PaymentRefunded: ({ orderId, amount }, { update, insert }) =>
      amount === null
        ? insert({ orderId, status: 'cancelled', reason: null, amount: null, currency: null })
        : update(orderId, { status: 'refunded', ...amount }),
  },
);
