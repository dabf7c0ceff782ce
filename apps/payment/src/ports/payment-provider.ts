import type { Money } from '@millrace/contracts';
import type { ChargeOutcome } from '../domain/payment.ts';

export interface Charge {
  /** Stable, `ORDER:pay`: what the provider recognises a repetition by. */
  readonly key: string;
  readonly token: string;
  readonly amount: Money;
}

export interface Refund {
  /** `ORDER:pay:undo`. */
  readonly key: string;
  readonly chargeKey: string;
}

/** Whoever takes cards. Asking again with the same key does nothing twice and answers as before; an error means that the outcome is unknown. */
export interface PaymentProvider {
  charge(charge: Charge, context: { readonly signal: AbortSignal }): Promise<ChargeOutcome>;
  /** What became of a charge; `unknown` when the provider has never seen its key. */
  findCharge(key: string): Promise<ChargeOutcome | 'unknown'>;
  /** Gives an approved charge back. */
  refund(refund: Refund, context: { readonly signal: AbortSignal }): Promise<'refunded'>;
}

export const PAYMENT_PROVIDER = Symbol('PaymentProvider');
