import type { CancellationReason, Money, ReturnReason } from '@millrace/contracts';
import { declareEvents, firstVersion, type Erased, type PersonalPart } from '@millrace/event-sourcing';

/**
 * `orderId` names the order whose payment or refund moved the money. `purpose` says that it was the
 * refund of a return, or the reversal of that refund.
 */
export type AccountEvent =
  | { readonly type: 'AccountCreated'; readonly accountId: string; readonly currency: string }
  | {
      readonly type: 'MoneyDeposited';
      readonly accountId: string;
      readonly amount: number;
      readonly orderId?: string;
      readonly purpose?: 'return';
    }
  | {
      readonly type: 'MoneyWithdrawn';
      readonly accountId: string;
      readonly amount: number;
      readonly orderId?: string;
      readonly purpose?: 'return';
    };

/** The customer who pays for an order, and the amount. */
export interface Agreed {
  readonly customerId: string;
  readonly amount: Money;
}

/** The card, as the provider knows it. */
interface PaymentPersonal extends PersonalPart {
  readonly token: string;
}

export type PaymentEvent =
  | ({
      readonly type: 'CardChargeRequested';
      readonly orderId: string;
      readonly personal: PaymentPersonal | Erased;
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
  | {
      readonly type: 'RefundRequested';
      readonly orderId: string;
      /** The command that the refund will answer. */
      readonly commandId: string;
    }
  | { readonly type: 'UnwantedChargeApproved'; readonly orderId: string }
  | { readonly type: 'PaymentRefunded'; readonly orderId: string; readonly amount: Money | null };

/**
 * The refund of a return. It has a stream of its own, because a payment ends before a return begins.
 */
export type ReturnRefundEvent =
  | ({ readonly type: 'CardReturnRefundRequested'; readonly orderId: string } & Agreed)
  | ({
      readonly type: 'ReturnRefunded';
      readonly orderId: string;
      readonly to: 'account' | 'card';
    } & Agreed)
  | { readonly type: 'ReturnRefundRefused'; readonly orderId: string; readonly reason: ReturnReason }
  | {
      readonly type: 'ReturnRefundReversalRequested';
      readonly orderId: string;
      /** The command that the reversal will answer. */
      readonly commandId: string;
    }
  | { readonly type: 'UnwantedReturnRefundMade'; readonly orderId: string }
  | { readonly type: 'ReturnRefundReversed'; readonly orderId: string; readonly amount: Money | null };

export const accountEventTypes = declareEvents<AccountEvent>({
  AccountCreated: firstVersion,
  MoneyDeposited: firstVersion,
  MoneyWithdrawn: firstVersion,
});

export const paymentEventTypes = declareEvents<PaymentEvent>({
  CardChargeRequested: firstVersion,
  PaymentProcessed: firstVersion,
  PaymentFailed: firstVersion,
  RefundRequested: firstVersion,
  UnwantedChargeApproved: firstVersion,
  PaymentRefunded: firstVersion,
});

export const returnRefundEventTypes = declareEvents<ReturnRefundEvent>({
  CardReturnRefundRequested: firstVersion,
  ReturnRefunded: firstVersion,
  ReturnRefundRefused: firstVersion,
  ReturnRefundReversalRequested: firstVersion,
  UnwantedReturnRefundMade: firstVersion,
  ReturnRefundReversed: firstVersion,
});
