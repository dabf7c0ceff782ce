import type { CancellationReason, Money, ProcessPayment, RefundPayment } from '@millrace/contracts';
import { assertNever, isRejected } from '@millrace/event-sourcing';
import { account, type Account, type AccountEvent } from './account.ts';
import type { Payment, PaymentEvent } from './payment.ts';

/** One decision over two streams and an outside system: what to append to each, and what to call once that is committed. */
export interface PaymentDecision {
  readonly payment: readonly PaymentEvent[];
  readonly account: readonly AccountEvent[];
  readonly call?: CardCall;
}

export type CardCall =
  | { readonly kind: 'charge'; readonly token: string; readonly amount: Money }
  | { readonly kind: 'refund'; readonly amount: Money };

export type ChargeOutcome = 'approved' | 'declined';

const nothingNew: PaymentDecision = { payment: [], account: [] };

/** A repeated command, and one that comes after its refund, changes nothing: it has been answered. */
export function processPayment(
  command: ProcessPayment,
  payment: Payment,
  customer: Account,
): PaymentDecision {
  if (payment.status !== 'none') return nothingNew;
  return command.paymentMethod === 'account'
    ? fromAccount(command, customer)
    : fromCard(command, command.paymentMethod.card);
}

/** Always answered in the end, also when nothing was taken: an outcome that is not known yet is waited for. */
export function refundPayment({ orderId }: RefundPayment, payment: Payment): PaymentDecision {
  switch (payment.status) {
    case 'none':
      return { payment: [{ type: 'PaymentRefunded', orderId, amount: null }], account: [] };
    case 'charging':
      return { payment: [{ type: 'RefundRequested', orderId }], account: [] };
    case 'failed':
      return {
        payment: [{ type: 'PaymentRefunded', orderId, amount: nothingOf(payment.amount) }],
        account: [],
      };
    case 'processed':
      return payment.from === 'account'
        ? backToAccount(orderId, payment)
        : backToCard({ type: 'RefundRequested', orderId }, payment.amount);
    case 'refunding':
    case 'refunded':
    case 'void':
      return nothingNew;
    default:
      return assertNever(payment);
  }
}

/** The provider has answered a charge. If the order wants its money back by now, the charge is undone and only the refund is told. */
export function chargeSettled(orderId: string, outcome: ChargeOutcome, payment: Payment): PaymentDecision {
  if (payment.status === 'charging') {
    const { customerId, amount } = payment;
    if (outcome === 'declined') return failed({ orderId, customerId, amount, reason: 'card_declined' });
    return {
      payment: [{ type: 'PaymentProcessed', orderId, customerId, amount, from: 'card' }],
      account: [],
    };
  }
  if (payment.status !== 'refunding' || payment.charge !== 'unknown') return nothingNew;
  if (outcome === 'declined')
    return {
      payment: [{ type: 'PaymentRefunded', orderId, amount: nothingOf(payment.amount) }],
      account: [],
    };
  return backToCard({ type: 'UnwantedChargeApproved', orderId }, payment.amount);
}

/** The provider has given the money back. */
export function refundSettled(orderId: string, payment: Payment): PaymentDecision {
  if (payment.status !== 'refunding') return nothingNew;
  return { payment: [{ type: 'PaymentRefunded', orderId, amount: payment.amount }], account: [] };
}

/** An account in another currency holds nothing of the one that is asked for. */
function fromAccount({ orderId, customerId, amount }: ProcessPayment, customer: Account): PaymentDecision {
  if (customer.status === 'open' && customer.currency !== amount.currency)
    return failed({ orderId, customerId, amount, reason: 'insufficient_funds' });
  const withdrawal = account.decide(
    { type: 'Withdraw', accountId: customerId, amount: amount.amount, orderId },
    customer,
  );
  if (isRejected(withdrawal)) {
    const reason = withdrawal.rejected === 'unknown_account' ? 'unknown_account' : 'insufficient_funds';
    return failed({ orderId, customerId, amount, reason });
  }
  return {
    payment: [{ type: 'PaymentProcessed', orderId, customerId, amount, from: 'account' }],
    account: withdrawal,
  };
}

const fromCard = ({ orderId, customerId, amount }: ProcessPayment, token: string): PaymentDecision => ({
  payment: [{ type: 'CardChargeRequested', orderId, customerId, amount, personal: { token } }],
  account: [],
  call: { kind: 'charge', token, amount },
});

/** Money that was taken may always come back: this deposit is not measured against the account's limit. */
const backToAccount = (
  orderId: string,
  { customerId, amount }: { customerId: string; amount: Money },
): PaymentDecision => ({
  payment: [{ type: 'PaymentRefunded', orderId, amount }],
  account: [{ type: 'MoneyDeposited', accountId: customerId, amount: amount.amount, orderId }],
});

const backToCard = (event: PaymentEvent, amount: Money): PaymentDecision => ({
  payment: [event],
  account: [],
  call: { kind: 'refund', amount },
});

const failed = (fields: {
  orderId: string;
  customerId: string;
  amount: Money;
  reason: CancellationReason;
}): PaymentDecision => ({
  payment: [{ type: 'PaymentFailed', ...fields }],
  account: [],
});

const nothingOf = ({ currency }: Money): Money => ({ amount: 0, currency });
