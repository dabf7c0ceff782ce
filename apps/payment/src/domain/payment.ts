import type { CancellationReason, Money, ProcessPayment, RefundPayment } from '@millrace/contracts';
import {
  assertNever,
  isRejected,
  type Decider,
  type Decision,
  type StreamDecision,
} from '@millrace/event-sourcing';
import type { Agreed, PaymentEvent, AccountEvent } from './events.ts';
import { type Account, account } from './account.ts';

/** An order's payment and its customer's account, before the decision. */
interface PaymentStates {
  readonly payment: Payment;
  readonly customer: Account;
}

export type PaymentDecision = Decision<
  { readonly payment?: readonly PaymentEvent[]; readonly customer?: readonly AccountEvent[] },
  CardCall
>;

/**
 * An answer of the provider. Payments and refunds are decided across streams, by `processPayment`
 * and `refundPayment`.
 */
export type PaymentCommand =
  | { readonly type: 'RecordCharge'; readonly orderId: string; readonly outcome: ChargeOutcome }
  | { readonly type: 'RecordRefund'; readonly orderId: string };

export type ChargeOutcome = 'approved' | 'declined';

/** A request to the provider. */
export type CardCall =
  | ({ readonly type: 'ChargeCard'; readonly orderId: string; readonly token: string } & Agreed)
  | { readonly type: 'RefundCharge'; readonly orderId: string };

/**
 * One order's payment. `void` marks a refund that came before its payment, which is then refused
 * permanently.
 */
export type Payment =
  | { readonly status: 'none' }
  | ({ readonly status: 'charging' } & Agreed)
  | ({ readonly status: 'processed'; readonly from: 'account' | 'card' } & Agreed)
  | ({ readonly status: 'failed'; readonly reason: CancellationReason } & Agreed)
  | ({
      readonly status: 'refunding';
      readonly charge: 'unknown' | 'approved';
      /** The command that the refund answers. */
      readonly commandId: string;
    } & Agreed)
  | { readonly status: 'refunded'; readonly amount: Money }
  | { readonly status: 'void' };

const initialState: Payment = { status: 'none' };

export const payment: Decider<PaymentCommand, PaymentEvent, Payment, never, CardCall> = {
  initialState,

  decide(command, state) {
    switch (command.type) {
      case 'RecordCharge':
        return recordCharge(command.orderId, command.outcome, state);
      case 'RecordRefund':
        return state.status === 'refunding'
          ? [{ type: 'PaymentRefunded', orderId: command.orderId, amount: state.amount }]
          : [];
      default:
        return assertNever(command);
    }
  },

  evolve,
};

/**
 * Charges the account or the card. A command that is repeated, or that comes after its refund,
 * changes nothing, because it has been answered.
 */
export function processPayment(
  command: ProcessPayment,
  { payment, customer }: PaymentStates,
): PaymentDecision {
  if (payment.status !== 'none') return { events: {} };
  return command.paymentMethod === 'account'
    ? fromAccount(command, customer)
    : fromCard(command, command.paymentMethod.card);
}

/**
 * Always leads to a PaymentRefunded in the end, even if nothing was charged. If the outcome of the
 * charge is not known yet, the refund waits for it. A payment of which a return has taken a part
 * belongs to a completed order, so nothing more is refunded.
 */
export function refundPayment(
  { orderId }: RefundPayment,
  { payment, isReturned }: { readonly payment: Payment; readonly isReturned: boolean },
  commandId: string,
): PaymentDecision {
  switch (payment.status) {
    case 'none':
      return { events: { payment: [{ type: 'PaymentRefunded', orderId, amount: null }] } };
    case 'charging':
      return { events: { payment: [{ type: 'RefundRequested', orderId, commandId }] } };
    case 'failed':
      return { events: { payment: [nothingRefunded(orderId, payment)] } };
    case 'processed':
      if (isReturned) return { events: { payment: [nothingRefunded(orderId, payment)] } };
      return payment.from === 'account'
        ? backToAccount(orderId, payment)
        : {
            events: { payment: [{ type: 'RefundRequested', orderId, commandId }] },
            calls: [{ type: 'RefundCharge', orderId }],
          };
    case 'refunding':
    case 'refunded':
    case 'void':
      return { events: {} };
    default:
      return assertNever(payment);
  }
}

/**
 * Records the provider's answer to a charge. If a refund has been requested by then, an approved
 * charge is undone and only the refund is published, as the answer to the command that requested
 * it.
 */
function recordCharge(
  orderId: string,
  outcome: ChargeOutcome,
  payment: Payment,
): StreamDecision<PaymentEvent, CardCall> {
  if (payment.status === 'charging') {
    const { customerId, amount } = payment;
    return outcome === 'approved'
      ? [{ type: 'PaymentProcessed', orderId, customerId, amount, from: 'card' }]
      : [{ type: 'PaymentFailed', orderId, customerId, amount, reason: 'card_declined' }];
  }
  if (payment.status !== 'refunding' || payment.charge !== 'unknown') return [];
  const answers = payment.commandId;
  if (outcome === 'declined') return { events: [nothingRefunded(orderId, payment)], answers };
  return {
    events: [{ type: 'UnwantedChargeApproved', orderId }],
    calls: [{ type: 'RefundCharge', orderId }],
    answers,
  };
}

/** An account in another currency counts as having no funds. */
function fromAccount({ orderId, customerId, amount }: ProcessPayment, customer: Account): PaymentDecision {
  const failed = (reason: CancellationReason): PaymentDecision => ({
    events: { payment: [{ type: 'PaymentFailed', orderId, customerId, amount, reason }] },
  });
  if (customer.status === 'open' && customer.currency !== amount.currency)
    return failed('insufficient_funds');
  const withdrawal = account.decide(
    { type: 'Withdraw', accountId: customerId, amount: amount.amount, orderId },
    customer,
  );
  if (isRejected(withdrawal))
    return failed(withdrawal.rejected === 'unknown_account' ? 'unknown_account' : 'insufficient_funds');
  return {
    events: {
      payment: [{ type: 'PaymentProcessed', orderId, customerId, amount, from: 'account' }],
      customer: withdrawal,
    },
  };
}

const fromCard = ({ orderId, customerId, amount }: ProcessPayment, token: string): PaymentDecision => ({
  events: {
    payment: [
      {
        type: 'CardChargeRequested',
        orderId,
        customerId,
        amount,
        personal: { subject: customerId, token },
      },
    ],
  },
  calls: [{ type: 'ChargeCard', orderId, customerId, token, amount }],
});

/**
 * Returns the money to the account. This deposit ignores the account's limit, so that a refund
 * never fails.
 */
const backToAccount = (orderId: string, { customerId, amount }: Agreed): PaymentDecision => ({
  events: {
    payment: [{ type: 'PaymentRefunded', orderId, amount }],
    customer: [{ type: 'MoneyDeposited', accountId: customerId, amount: amount.amount, orderId }],
  },
});

const nothingRefunded = (orderId: string, { amount: { currency } }: Agreed): PaymentEvent => ({
  type: 'PaymentRefunded',
  orderId,
  amount: { amount: 0, currency },
});

function evolve(state: Payment, event: PaymentEvent): Payment {
  switch (event.type) {
    case 'CardChargeRequested':
      return { status: 'charging', customerId: event.customerId, amount: event.amount };
    case 'PaymentProcessed':
      return { status: 'processed', customerId: event.customerId, amount: event.amount, from: event.from };
    case 'PaymentFailed':
      return { status: 'failed', customerId: event.customerId, amount: event.amount, reason: event.reason };
    case 'RefundRequested':
      return {
        status: 'refunding',
        charge: state.status === 'processed' ? 'approved' : 'unknown',
        commandId: event.commandId,
        ...agreed(state, event),
      };
    case 'UnwantedChargeApproved':
      if (state.status === 'refunding') return { ...state, charge: 'approved' };
      throw impossible(state, event);
    case 'PaymentRefunded':
      return event.amount === null ? { status: 'void' } : { status: 'refunded', amount: event.amount };
    default:
      return assertNever(event);
  }
}

function agreed(state: Payment, event: PaymentEvent): Agreed {
  if ('customerId' in state) return { customerId: state.customerId, amount: state.amount };
  throw impossible(state, event);
}

const impossible = ({ status }: Payment, { orderId, type }: PaymentEvent): Error =>
  new Error(`${orderId}: ${type} cannot happen to a payment that is ${status}`);
