import type { Money } from '@millrace/contracts';
import { inlineProjection } from '@millrace/read-models';
import type { PaymentEvent } from '../domain/events.ts';
import { PaymentSummary } from './payment-summary.entity.ts';

const columnsOf = (money: Money) => ({ amount: money.amount, currency: money.currency });

export const paymentProjection = inlineProjection(PaymentSummary).of<PaymentEvent>({
  CardChargeRequested: ({ amount }) => ({ status: 'processing', ...columnsOf(amount) }),
  PaymentProcessed: ({ amount }) => ({ status: 'processed', ...columnsOf(amount), reason: null }),
  PaymentFailed: ({ amount, reason }) => ({ status: 'failed', ...columnsOf(amount), reason }),
  RefundRequested: () => ({ status: 'refunding' }),
  PaymentRefunded: ({ amount }) =>
    amount === null
      ? { status: 'cancelled', amount: null, currency: null }
      : { status: 'refunded', ...columnsOf(amount) },
});
