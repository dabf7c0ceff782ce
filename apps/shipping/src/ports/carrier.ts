import type { ShippingAddress } from '@millrace/contracts';

export type BookingOutcome = 'booked' | 'refused';

/** Somebody else's system. Every call carries a stable key, `saga:step`, by which the carrier knows a repetition. Errors are temporary. */
export interface Carrier {
  /** The same key gives the same outcome, once booked. */
  book(
    key: string,
    address: ShippingAddress,
    context: { readonly signal: AbortSignal },
  ): Promise<BookingOutcome>;
  /** What became of a key; `unknown` when no booking ever arrived, or none was answered yet. */
  outcomeOf(key: string): Promise<BookingOutcome | 'unknown'>;
  /** Idempotent: a booking that is cancelled already, or never was, is fine. */
  cancel(key: string): Promise<void>;
  /** Resolves once the parcel has been handed over. */
  deliver(key: string, context: { readonly signal: AbortSignal }): Promise<void>;
}

export const CARRIER = Symbol('Carrier');
