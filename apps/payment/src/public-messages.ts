import { accountEvents, paymentEvents } from '@millrace/contracts';
import { toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { AccountEvent, PaymentEvent, ReturnRefundEvent } from './domain/events.ts';

/**
 * Returns the public messages for a private event. Steps of a card payment and of a refund to a card
 * stay private.
 */
export function publicMessages(
  event: AccountEvent | PaymentEvent | ReturnRefundEvent,
): readonly PublicMessage[] {
  switch (event.type) {
    case 'AccountCreated':
      return [
        toPublic(accountEvents.AccountCreated, { accountId: event.accountId, currency: event.currency }),
      ];
    case 'MoneyDeposited':
      return [toPublic(accountEvents.MoneyDeposited, { accountId: event.accountId, amount: event.amount })];
    case 'MoneyWithdrawn':
      return [toPublic(accountEvents.MoneyWithdrawn, { accountId: event.accountId, amount: event.amount })];
    case 'PaymentProcessed':
      return [toPublic(paymentEvents.PaymentProcessed, { orderId: event.orderId, amount: event.amount })];
    case 'PaymentFailed':
      return [toPublic(paymentEvents.PaymentFailed, { orderId: event.orderId, reason: event.reason })];
    case 'PaymentRefunded':
      return [toPublic(paymentEvents.PaymentRefunded, { orderId: event.orderId, amount: event.amount })];
    case 'ReturnRefunded':
      return [toPublic(paymentEvents.ReturnRefunded, { orderId: event.orderId, amount: event.amount })];
    case 'ReturnRefundRefused':
      return [toPublic(paymentEvents.ReturnRefundRefused, { orderId: event.orderId, reason: event.reason })];
    case 'ReturnRefundReversed':
      return [toPublic(paymentEvents.ReturnRefundReversed, { orderId: event.orderId, amount: event.amount })];
    case 'CardChargeRequested':
    case 'RefundRequested':
    case 'UnwantedChargeApproved':
    case 'CardReturnRefundRequested':
    case 'ReturnRefundReversalRequested':
    case 'UnwantedReturnRefundMade':
      return [];
  }
}
