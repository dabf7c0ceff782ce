import type { CancellationReason, Money, NotificationKind } from '@millrace/contracts';

export interface OrderMail {
  readonly orderId: string;
  readonly kind: NotificationKind;
  readonly name: string;
  readonly total: Money;
  readonly reason?: CancellationReason;
}

const because: Readonly<Record<CancellationReason, string>> = {
  out_of_stock: 'a product is out of stock',
  insufficient_funds: 'your account does not cover the total',
  unknown_account: 'we found no account for you',
  card_declined: 'your card was declined',
  address_refused: 'our carrier does not deliver to your address',
  step_timeout: 'we could not process it in time',
  cancelled_by_customer: 'you cancelled it',
};

/** Subject and text of a mail, in plain text. */
export function composeMail({ orderId, kind, name, total, reason }: OrderMail): { readonly subject: string; readonly text: string } {
  const sum = `${(total.amount / 100).toFixed(2)} ${total.currency}`;
  if (kind === 'order-completed')
    return {
      subject: `Your order ${orderId} is complete`,
      text: `Dear ${name},\n\nyour order ${orderId} over ${sum} is complete and on its way.\n`,
    };
  const why = reason === undefined ? '' : ` because ${because[reason]}`;
  return {
    subject: `Your order ${orderId} was cancelled`,
    text: `Dear ${name},\n\nyour order ${orderId} over ${sum} was cancelled${why}. Nothing is owed.\n`,
  };
}
