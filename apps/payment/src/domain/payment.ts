import type { CancellationReason, Money } from '@millrace/contracts';
import { assertNever } from '@millrace/event-sourcing';

/** What was agreed with the order: who pays what, and from where. */
interface Agreed {
  readonly customerId: string;
  readonly amount: Money;
}

/** One order's payment. `void` is the marker of a refund that came before its payment, and refuses that payment for ever. */
export type Payment =
  | { readonly status: 'none' }
  | ({ readonly status: 'charging' } & Agreed)
  | ({ readonly status: 'processed'; readonly from: 'account' | 'card' } & Agreed)
  | ({ readonly status: 'failed'; readonly reason: CancellationReason } & Agreed)
  | ({ readonly status: 'refunding'; readonly charge: 'unknown' | 'approved' } & Agreed)
  | { readonly status: 'refunded'; readonly amount: Money }
  | { readonly status: 'void' };

export type PaymentEvent =
  | ({
      readonly type: 'CardChargeRequested';
      readonly orderId: string;
      readonly personal: { readonly token: string };
    } & Agreed)
  | ({
      readonly type: 'PaymentProcessed';
      readonly orderId: string;
      readonly from: 'account' | 'card';
    } & Agreed)
  | ({
      readonly type: 'PaymentFailed';
      readonly orderId: string;
      readonly reason: CancellationReason;
    } & Agreed)
  | { readonly type: 'RefundRequested'; readonly orderId: string }
  | { readonly type: 'UnwantedChargeApproved'; readonly orderId: string }
  | { readonly type: 'PaymentRefunded'; readonly orderId: string; readonly amount: Money | null };

export const noPayment: Payment = { status: 'none' };

export function evolvePayment(state: Payment, event: PaymentEvent): Payment {
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
        ...agreed(state, event),
      };
    case 'UnwantedChargeApproved':
      return { status: 'refunding', charge: 'approved', ...agreed(state, event) };
    case 'PaymentRefunded':
      return event.amount === null ? { status: 'void' } : { status: 'refunded', amount: event.amount };
    default:
      return assertNever(event);
  }
}

export const payment = { initialState: noPayment, evolve: evolvePayment };

function agreed(state: Payment, event: PaymentEvent): Agreed {
  if ('customerId' in state) return { customerId: state.customerId, amount: state.amount };
  throw new Error(
    `${event.orderId}: ${event.type} needs a payment that was agreed on, this one is ${state.status}`,
  );
}
