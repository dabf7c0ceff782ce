import type { ShippingAddress } from '@millrace/contracts';
import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { BookingOutcome, Carrier } from './carrier.ts';
import { bookingOutcome, bookParcel, cancelBooking, deliverParcel } from './simulated-carrier.sql.ts';

/** Does not deliver there. */
const refusedPostcode = '00000';
/** Books it, but takes its time to say so. */
const latePostcode = '99999';

interface SimulatedCarrierOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly deliveryMs: DurationMs;
  readonly lateAnswerMs: DurationMs;
}

/**
 * A carrier that refuses postcode `00000`, answers late for `99999`, and books every other at once. It keeps its books in tables of its own
 * and commits by itself, so that a killed service forgets no booking that the carrier has made, nor when it will be answered.
 */
export const simulatedCarrier = (options: SimulatedCarrierOptions): Carrier => ({
  async book(key, { postcode }: ShippingAddress, { signal }) {
    const { rows } = await options.database.query<{ outcome: BookingOutcome; wait_ms: number }>(bookParcel, [
      key,
      postcode === refusedPostcode ? 'refused' : 'booked',
      postcode === latePostcode ? options.lateAnswerMs : 0,
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error(`the simulated carrier lost booking ${key}`);
    if (row.wait_ms > 0) await pause(options.clock, row.wait_ms, signal);
    signal.throwIfAborted();
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
