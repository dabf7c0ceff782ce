import type { Money, RefundReturn, ReturnReason, ReverseReturnRefund } from '@millrace/contracts';
import { assertNever, type Decider, type Decision, type StreamDecision } from '@millrace/event-sourcing';
import type { Account } from './account.ts';
import type { AccountEvent, Agreed, ReturnRefundEvent } from './events.ts';
import type { Payment } from './payment.ts';

/** What is known about the refund of an order's return before the decision. */
interface ReturnStates {
  readonly returned: ReturnRefund;
  readonly payment: Payment;
  readonly customer: Account;
}

export type ReturnRefundDecision = Decision<
  { readonly returned?: readonly ReturnRefundEvent[]; readonly customer?: readonly AccountEvent[] },
  ReturnCall
>;

/** An answer of the provider. */
export type ReturnRefundCommand =
  | { readonly type: 'RecordReturnRefund'; readonly orderId: string; readonly outcome: RefundOutcome }
  | { readonly type: 'RecordReversal'; readonly orderId: string };

export type RefundOutcome = 'refunded' | 'refused';

/** A request to the provider. */
export type ReturnCall =
  | { readonly type: 'RefundPart'; readonly orderId: string; readonly amount: Money }
  | { readonly type: 'ReverseRefund'; readonly orderId: string };

/**
 * The refund of one order's return, which is a part of its payment. Once it is `reversed`, even if
 * nothing had been refunded, a command to refund that arrives late changes nothing.
 */
export type ReturnRefund =
  | { readonly status: 'none' }
  | ({ readonly status: 'refunding' } & Agreed)
  | ({ readonly status: 'refunded'; readonly to: 'account' | 'card' } & Agreed)
  | { readonly status: 'refused'; readonly reason: ReturnReason }
  | ({
      readonly status: 'reversing';
      readonly refund: 'unknown' | 'made';
      /** The command that the reversal answers. */
      readonly commandId: string;
    } & Agreed)
  | { readonly status: 'reversed'; readonly amount: Money | null };

const initialState: ReturnRefund = { status: 'none' };

export const returnRefund: Decider<ReturnRefundCommand, ReturnRefundEvent, ReturnRefund, never, ReturnCall> =
  {
    initialState,

    decide(command, state) {
      switch (command.type) {
        case 'RecordReturnRefund':
          return recordReturnRefund(command.orderId, command.outcome, state);
        case 'RecordReversal':
          return state.status === 'reversing' && state.refund === 'made'
            ? [{ type: 'ReturnRefundReversed', orderId: command.orderId, amount: state.amount }]
            : [];
        default:
          return assertNever(command);
      }
    },

    evolve,
  };

/**
 * Returns a part of the payment to the account or the card. A command that is repeated, or that
 * comes after its reversal, changes nothing, because it has been answered.
 */
export function refundReturn(
  { orderId, customerId, amount }: RefundReturn,
  { returned, payment, customer }: ReturnStates,
): ReturnRefundDecision {
  if (returned.status !== 'none') return { events: {} };
  const refused = (reason: ReturnReason): ReturnRefundDecision => ({
    events: { returned: [{ type: 'ReturnRefundRefused', orderId, reason }] },
  });
  if (payment.status !== 'processed' || payment.customerId !== customerId) return refused('refund_refused');
  if (payment.amount.currency !== amount.currency || payment.amount.amount < amount.amount)
    return refused('refund_refused');
  if (payment.from === 'card')
    return {
      events: { returned: [{ type: 'CardReturnRefundRequested', orderId, customerId, amount }] },
      calls: [{ type: 'RefundPart', orderId, amount }],
    };
  if (customer.status === 'absent') return refused('unknown_account');
  return {
    events: {
      returned: [{ type: 'ReturnRefunded', orderId, customerId, amount, to: 'account' }],
      // As with the refund of a whole payment, the account's limit does not apply.
      customer: [
        {
          type: 'MoneyDeposited',
          accountId: customerId,
          amount: amount.amount,
          orderId,
          purpose: 'return',
        },
      ],
    },
  };
}

/**
 * Always leads to a ReturnRefundReversed in the end, even if nothing was refunded. If the outcome of
 * the refund is not known yet, the reversal waits for it.
 */
export function reverseReturnRefund(
  { orderId }: ReverseReturnRefund,
  { returned }: Pick<ReturnStates, 'returned'>,
  commandId: string,
): ReturnRefundDecision {
  switch (returned.status) {
    case 'none':
    case 'refused':
      return { events: { returned: [{ type: 'ReturnRefundReversed', orderId, amount: null }] } };
    case 'refunding':
      return { events: { returned: [{ type: 'ReturnRefundReversalRequested', orderId, commandId }] } };
    case 'refunded':
      return returned.to === 'account'
        ? outOfAccount(orderId, returned)
        : {
            events: { returned: [{ type: 'ReturnRefundReversalRequested', orderId, commandId }] },
            calls: [{ type: 'ReverseRefund', orderId }],
          };
    case 'reversing':
    case 'reversed':
      return { events: {} };
    default:
      return assertNever(returned);
  }
}

/**
 * Takes the refund out of the account again. A customer who has spent it owes it to the shop: the
 * balance becomes negative, and later deposits make up for it.
 */
const outOfAccount = (orderId: string, { customerId, amount }: Agreed): ReturnRefundDecision => ({
  events: {
    returned: [{ type: 'ReturnRefundReversed', orderId, amount }],
    customer: [
      { type: 'MoneyWithdrawn', accountId: customerId, amount: amount.amount, orderId, purpose: 'return' },
    ],
  },
});

/** True while a return has taken, or may take, a part of the payment. */
export const hasReturned = ({ status }: ReturnRefund): boolean =>
  status === 'refunding' || status === 'refunded' || status === 'reversing';

/**
 * Records the provider's answer to a refund. If its reversal has been requested by then, a refund
 * that was made is undone, and only the reversal is published, as the answer to its command.
 */
function recordReturnRefund(
  orderId: string,
  outcome: RefundOutcome,
  returned: ReturnRefund,
): StreamDecision<ReturnRefundEvent, ReturnCall> {
  if (returned.status === 'refunding') {
    const { customerId, amount } = returned;
    return outcome === 'refunded'
      ? [{ type: 'ReturnRefunded', orderId, customerId, amount, to: 'card' }]
      : [{ type: 'ReturnRefundRefused', orderId, reason: 'refund_refused' }];
  }
  if (returned.status !== 'reversing' || returned.refund !== 'unknown') return [];
  const answers = returned.commandId;
  if (outcome === 'refused')
    return { events: [{ type: 'ReturnRefundReversed', orderId, amount: null }], answers };
  return {
    events: [{ type: 'UnwantedReturnRefundMade', orderId }],
    calls: [{ type: 'ReverseRefund', orderId }],
    answers,
  };
}

function evolve(state: ReturnRefund, event: ReturnRefundEvent): ReturnRefund {
  switch (event.type) {
    case 'CardReturnRefundRequested':
      return { status: 'refunding', customerId: event.customerId, amount: event.amount };
    case 'ReturnRefunded':
      return { status: 'refunded', customerId: event.customerId, amount: event.amount, to: event.to };
    case 'ReturnRefundRefused':
      return { status: 'refused', reason: event.reason };
    case 'ReturnRefundReversalRequested':
      if (state.status === 'refunding' || state.status === 'refunded')
        return {
          status: 'reversing',
          refund: state.status === 'refunded' ? 'made' : 'unknown',
          commandId: event.commandId,
          customerId: state.customerId,
          amount: state.amount,
        };
      throw impossible(state, event);
    case 'UnwantedReturnRefundMade':
      if (state.status === 'reversing') return { ...state, refund: 'made' };
      throw impossible(state, event);
    case 'ReturnRefundReversed':
      return { status: 'reversed', amount: event.amount };
    default:
      return assertNever(event);
  }
}

const impossible = ({ status }: ReturnRefund, { orderId, type }: ReturnRefundEvent): Error =>
  new Error(`${orderId}: ${type} cannot happen to the refund of a return that is ${status}`);
