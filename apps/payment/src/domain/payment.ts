import type { CancellationReason, Money } from '@millrace/contracts';
import { assertNever } from '@millrace/event-sourcing';
import type { Agreed, PaymentEvent } from './events.ts';

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

export const initialState: Payment = { status: 'none' };

export function evolve(state: Payment, event: PaymentEvent): Payment {
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
