import type { CancellationReason, Money, NotificationKind, ReturnReason } from '@millrace/contracts';

export interface OrderMail {
  readonly orderId: string;
  readonly kind: NotificationKind;
  readonly name: string;
  /** The total of the order, or for a mail about a return the refund. */
  readonly total: Money;
  readonly reason?: CancellationReason | ReturnReason;
  /** The number on the label of a return. Only the mail with the label needs it. */
  readonly trackingNumber?: string;
}

type Letter = (mail: {
  readonly orderId: string;
  readonly sum: string;
  /** Why the order or the return ended, as a clause, or empty. */
  readonly why: string;
  readonly trackingNumber: string;
}) => { readonly subject: string; readonly body: string };

const because: Readonly<Record<CancellationReason | ReturnReason, string>> = {
  out_of_stock: 'a product is out of stock',
  insufficient_funds: 'your account balance does not cover the total',
  unknown_account: 'we could not find your account',
  card_declined: 'your card was declined',
  address_refused: 'our carrier does not deliver to your address',
  step_timeout: 'we could not process it in time',
  cancelled_by_customer: 'you cancelled it',
  denied: 'we cannot accept it',
  approval_overdue: 'we did not decide about it in time',
  label_refused: 'our carrier does not fetch parcels from your address',
  parcel_overdue: 'we have not received the parcel in time',
  not_shipped: 'we did not ship these products for your order',
  refund_refused: 'the refund was refused',
  return_overdue: 'we could not finish it in time',
  withdrawn_by_customer: 'you withdrew it',
};

/**
 * Formats an amount in major units. ISO 4217 defines how many minor units make a major one: 100
 * cents, but one yen. The digits are moved, never divided, so that none is lost.
 */
function inMajorUnits({ amount, currency }: Money): string {
  const { maximumFractionDigits: decimals = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const digits = String(amount).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  return `${decimals === 0 ? whole : `${whole}.${fraction}`} ${currency}`;
}

const letters: Readonly<Record<NotificationKind, Letter>> = {
  'order-completed': ({ orderId, sum }) => ({
    subject: `Your order ${orderId} is complete`,
    body: `Your order ${orderId} for ${sum} is complete and on its way.`,
  }),
  'order-cancelled': ({ orderId, sum, why }) => ({
    subject: `Your order ${orderId} was cancelled`,
    body: `Your order ${orderId} for ${sum} was cancelled${why}. You do not owe anything for it.`,
  }),
  'return-label': ({ orderId, sum, trackingNumber }) => ({
    subject: `The label for your return of order ${orderId}`,
    body:
      `The label ${trackingNumber} is ready for the products of your order ${orderId} that you return. ` +
      `You get ${sum} back once we have received the parcel.`,
  }),
  'return-completed': ({ orderId, sum }) => ({
    subject: `Your return of order ${orderId} is complete`,
    body: `We have received the products of your order ${orderId} that you returned, and have refunded ${sum}.`,
  }),
  'return-closed': ({ orderId, sum, why }) => ({
    subject: `Your return of order ${orderId} was closed`,
    body: `Your return of products of order ${orderId} was closed${why}. The refund of ${sum} will not be paid.`,
  }),
};

/** Returns the subject and the plain text of a mail. */
export function composeMail(mail: OrderMail): { readonly subject: string; readonly text: string } {
  const { orderId, kind, name, total, reason, trackingNumber = '' } = mail;
  const why = reason === undefined ? '' : ` because ${because[reason]}`;
  const { subject, body } = letters[kind]({ orderId, sum: inMajorUnits(total), why, trackingNumber });
  return { subject, text: `Dear ${name},\n\n${body}\n` };
}
