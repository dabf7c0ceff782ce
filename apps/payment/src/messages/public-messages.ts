import { accountEvents, paymentEvents } from '@millrace/contracts';
import { toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { AccountEvent, PaymentEvent } from '../domain/events.ts';

/** What others are told about a private event. What is named last is nobody else's business. */
export function publicMessages(event: AccountEvent | PaymentEvent): readonly PublicMessage[] {
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
    case 'CardChargeRequested':
    case 'RefundRequested':
    case 'UnwantedChargeApproved':
      return [];
  }
}
