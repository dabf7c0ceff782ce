import type { Money } from '@millrace/contracts';
import type { ChargeOutcome } from '../domain/payment.ts';
import type { RefundOutcome } from '../domain/return-refund.ts';

interface Charge {
  /** The stable key `ORDER:pay`, by which the provider recognises a repetition. */
  readonly key: string;
  readonly token: string;
  readonly amount: Money;
}

interface Refund {
  /** The stable key `ORDER:pay:undo`. */
  readonly key: string;
  readonly chargeKey: string;
}

interface PartRefund {
  /** The stable key `return:ORDER:refund`. */
  readonly key: string;
  readonly chargeKey: string;
  readonly amount: Money;
}

interface Reversal {
  /** The stable key `return:ORDER:refund:undo`. */
  readonly key: string;
  /** The key of the refund of a part. */
  readonly refundKey: string;
}

/**
 * The external system that charges cards. A repeated request with the same key has no further
 * effect and gets the same answer. An error means that the outcome is unknown.
 */
export interface PaymentProvider {
  charge(charge: Charge, context: { readonly signal: AbortSignal }): Promise<ChargeOutcome>;
  /** Returns the outcome of a charge, or `unknown` if the provider has never seen its key. */
  findCharge(key: string): Promise<ChargeOutcome | 'unknown'>;
  /** Refunds an approved charge. */
  refund(refund: Refund, context: { readonly signal: AbortSignal }): Promise<'refunded'>;
  /** Refunds a part of an approved charge, or refuses to. */
  refundPart(refund: PartRefund, context: { readonly signal: AbortSignal }): Promise<RefundOutcome>;
  /**
   * Charges a part that was refunded once more. The provider knows the card from the charge, so no
   * token is needed.
   */
  reverse(reversal: Reversal, context: { readonly signal: AbortSignal }): Promise<'reversed'>;
}
