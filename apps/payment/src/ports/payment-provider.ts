import type { Money } from '@millrace/contracts';
import type { ChargeOutcome } from '../domain/payment.ts';

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
}
