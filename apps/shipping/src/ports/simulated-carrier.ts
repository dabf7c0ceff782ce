import type { ShippingAddress } from '@millrace/contracts';
import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { BookingOutcome, Carrier } from './carrier.ts';
import { bookingOutcome, bookParcel, cancelBooking, deliverParcel } from './simulated-carrier.sql.ts';

/** Does not deliver there. */
const refusedPostcode = '00000';

/**
 * A carrier that refuses postcode `00000` and books every other. It keeps its books in tables of its own and commits by itself, so
 * that a killed service forgets no booking that the carrier has made.
 */
export const simulatedCarrier = (options: {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly deliveryMs: DurationMs;
}): Carrier => ({
  async book(key, { postcode }: ShippingAddress) {
    const { rows } = await options.database.query<{ outcome: BookingOutcome }>(bookParcel, [
      key,
      postcode === refusedPostcode ? 'refused' : 'booked',
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error(`the simulated carrier lost booking ${key}`);
    return row.outcome;
  },
  async outcomeOf(key) {
    const { rows } = await options.database.query<{ outcome: BookingOutcome }>(bookingOutcome, [key]);
    return rows[0]?.outcome ?? 'unknown';
  },
  async cancel(key) {
    await options.database.query(cancelBooking, [key]);
  },
  async deliver(key, { signal }) {
    await pause(options.clock, options.deliveryMs, signal);
    signal.throwIfAborted();
    await options.database.query(deliverParcel, [key]);
  },
});
