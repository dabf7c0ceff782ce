import { accountEvents, paymentEvents } from '@millrace/contracts';
import { toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { AccountEvent, PaymentEvent } from './domain/events.ts';

/** Returns the public messages for a private event. Steps of a card payment stay private. */
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
