export type ViolationKind =
  | 'lost_order'
  | 'extra_order'
  | 'unended_order'
  | 'unended_saga'
  | 'cancellation_ignored'
  | 'cancellation_invented'
  | 'charge_without_order'
  | 'double_charge'
  | 'unpaid'
  | 'wrong_charge'
  | 'refund_missing'
  | 'refund_undue'
  | 'account_unbalanced'
  | 'overdrawn'
  | 'stock_unbalanced'
  | 'oversold'
  | 'double_reservation'
  | 'stock_not_released'
  | 'stock_not_shipped'
  | 'return_undue'
  | 'stock_not_restocked'
  | 'stock_not_sent_back'
  | 'shipment_missing'
  | 'shipment_standing'
  | 'mail_missing'
  | 'mail_double'
  | 'mail_wrong'
  | 'read_model'
  | 'order_overview'
  | 'dead_letter';

export interface Violation {
  readonly kind: ViolationKind;
  /** The order, account or product that it is about. */
  readonly subject: string;
  readonly detail: string;
}

/** One line for a person, such as `unpaid: ORDER-ID: no payment`. */
export const inWords = ({ kind, subject, detail }: Violation): string => `${kind}: ${subject}: ${detail}`;

export const violation = (kind: ViolationKind, subject: string, detail: string): Violation => ({
  kind,
  subject,
  detail,
});
/** True for a violation that may disappear because something is merely late. */
export const isPassing = ({ kind }: { readonly kind: string }): boolean => passing.has(kind);

const passing: ReadonlySet<string> = new Set<ViolationKind>([
  'unended_order',
  'unended_saga',
  'unpaid',
  'refund_missing',
  'account_unbalanced',
  'stock_not_released',
  'stock_not_shipped',
  'stock_not_restocked',
  'stock_not_sent_back',
  'stock_unbalanced',
  'shipment_missing',
  'shipment_standing',
  'mail_missing',
  'order_overview',
]);
