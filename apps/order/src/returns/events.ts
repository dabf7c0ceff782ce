import type { Money, OrderLine, ReturnReason } from '@millrace/contracts';
import { declareEvents, firstVersion, type Erased, type PersonalPart } from '@millrace/event-sourcing';

/** Whom the mails about a return are for. */
export interface ReturnPersonal extends PersonalPart {
  readonly email: string;
  readonly name: string;
}

export type ReturnEvent =
  | {
      readonly type: 'ReturnRequested';
      readonly orderId: string;
      readonly customerId: string;
      readonly lines: readonly OrderLine[];
      readonly refund: Money;
      readonly requestedAt: string;
      readonly personal: ReturnPersonal | Erased;
    }
  | { readonly type: 'ReturnApproved'; readonly orderId: string; readonly approvedAt: string }
  | { readonly type: 'ReturnDenied'; readonly orderId: string; readonly deniedAt: string }
  | { readonly type: 'ReturnWithdrawn'; readonly orderId: string; readonly withdrawnAt: string }
  | { readonly type: 'ReturnAnnounced'; readonly orderId: string; readonly trackingNumber: string }
  | {
      readonly type: 'ReturnCompletionRejected';
      readonly orderId: string;
      readonly reason: ReturnReason;
    }
  | { readonly type: 'ReturnCompleted'; readonly orderId: string; readonly completedAt: string }
  | {
      readonly type: 'ReturnClosed';
      readonly orderId: string;
      readonly reason: ReturnReason;
      readonly closedAt: string;
    };

export const returnEventTypes = declareEvents<ReturnEvent>({
  ReturnRequested: firstVersion,
  ReturnApproved: firstVersion,
  ReturnDenied: firstVersion,
  ReturnWithdrawn: firstVersion,
  ReturnAnnounced: firstVersion,
  ReturnCompletionRejected: firstVersion,
  ReturnCompleted: firstVersion,
  ReturnClosed: firstVersion,
});
