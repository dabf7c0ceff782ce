import type { ShippingAddress } from '@millrace/contracts';
import type { LabelOutcome } from '../domain/return-label.ts';

/** A booking always has the same key, by which the carrier recognises it when it is repeated. */
export const bookingKey = (orderId: string): string => `${orderId}:ship`;
export const orderOfBooking = (key: string): string => key.slice(0, -':ship'.length);

export type BookingOutcome = 'booked' | 'refused';

/**
 * An external carrier. Every call has a stable key, by which the carrier recognises a repetition.
 * Errors are temporary.
 */
export interface Carrier {
  /** Books a parcel. The same key always gets the same outcome. */
  book(
    key: string,
    address: ShippingAddress,
    context: { readonly signal: AbortSignal },
  ): Promise<BookingOutcome>;
  /** Returns the outcome of a booking, or `unknown` if it never arrived or is not answered yet. */
  outcomeOf(key: string): Promise<BookingOutcome | 'unknown'>;
  /** Cancels a booking. Does nothing if it is already cancelled or never existed. */
  cancel(key: string): Promise<void>;
  /** Makes a label for the return of a booked parcel. The same key always gets the same outcome. */
  makeLabel(key: string, booking: string): Promise<LabelOutcome>;
  /** Voids a label. Does nothing if it is already voided or never existed. */
  voidLabel(key: string): Promise<void>;
  /** Resolves once the parcel has been handed over. */
  deliver(key: string, context: { readonly signal: AbortSignal }): Promise<void>;
}
