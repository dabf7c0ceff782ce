import type { CancellationReason, Money, NotificationKind, ReturnReason } from '@millrace/contracts';

export interface OrderMail {
  readonly orderId: string;
  readonly kind: NotificationKind;
  readonly name: string;
  readonly total: Money;
  readonly reason?: CancellationReason | ReturnReason;
}

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

/** Returns the subject and the plain text of a mail. */
export function composeMail({ orderId, kind, name, total, reason }: OrderMail): {
  readonly subject: string;
  readonly text: string;
} {
  const sum = inMajorUnits(total);
  if (kind === 'order-completed')
    return {
      subject: `Your order ${orderId} is complete`,
      text: `Dear ${name},\n\nYour order ${orderId} for ${sum} is complete and on its way.\n`,
    };
  const why = reason === undefined ? '' : ` because ${because[reason]}`;
  return {
    subject: `Your order ${orderId} was cancelled`,
    text: `Dear ${name},\n\nYour order ${orderId} for ${sum} was cancelled${why}. You do not owe anything for it.\n`,
  };
}
