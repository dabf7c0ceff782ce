import { inlineProjection, minus, plus, integer } from '@millrace/read-models';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Money } from '@millrace/contracts';
import type { AccountEvent, PaymentEvent, ReturnRefundEvent } from './domain/events.ts';

@Entity('payment_summary')
export class PaymentSummary {
  @PrimaryColumn('text')
  orderId!: string;

  @Column('text')
  status!: 'processing' | 'processed' | 'failed' | 'refunding' | 'refunded' | 'cancelled';

  @Column('text', { nullable: true })
  reason!: string | null;

  /** NULL, as the currency is, if the payment was cancelled before it began. */
  @Column({ ...integer, nullable: true })
  amount!: number | null;

  @Column('text', { nullable: true })
  currency!: string | null;
}

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

/** The refund of an order's return. */
@Entity('return_refund')
export class ReturnRefundSummary {
  @PrimaryColumn('text')
  orderId!: string;

  @Column('text')
  status!: 'refunding' | 'refunded' | 'refused' | 'reversing' | 'reversed';

  @Column('text', { nullable: true })
  reason!: string | null;

  /** NULL, as the currency is, if no refund was agreed. */
  @Column({ ...integer, nullable: true })
  amount!: number | null;

  @Column('text', { nullable: true })
  currency!: string | null;
}

export const returnRefundProjection = inlineProjection(ReturnRefundSummary).of<ReturnRefundEvent>({
  CardReturnRefundRequested: ({ amount }) => ({ status: 'refunding', ...columnsOf(amount) }),
  ReturnRefunded: ({ amount }) => ({ status: 'refunded', ...columnsOf(amount) }),
  ReturnRefundRefused: ({ reason }) => ({ status: 'refused', reason }),
  ReturnRefundReversalRequested: () => ({ status: 'reversing' }),
  ReturnRefundReversed: () => ({ status: 'reversed' }),
});

@Entity('account_summary')
export class AccountSummary {
  /** The id of the customer who has the account. */
  @PrimaryColumn('text')
  accountId!: string;

  @Column('text')
  currency!: string;

  @Column(integer)
  balance!: number;

  @Column(integer)
  version!: number;
}

export const accountProjection = inlineProjection(AccountSummary).of<AccountEvent>({
  AccountCreated: ({ currency }, { version }) => ({ balance: 0, currency, version }),
  MoneyDeposited: ({ amount }, { version }) => ({ balance: plus(amount), version }),
  MoneyWithdrawn: ({ amount }, { version }) => ({ balance: minus(amount), version }),
});
