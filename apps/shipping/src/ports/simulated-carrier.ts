import type { ShippingAddress } from '@millrace/contracts';
import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { shipmentStream } from '../stream-ids.ts';
import type { BookingOutcome, Carrier } from './carrier.ts';
import { orderOfBooking } from './carrier-calls.ts';
import {
  answerOnceGivenUp,
  bookingOutcome,
  bookParcel,
  cancelBooking,
  deliverParcel,
} from './simulated-carrier.sql.ts';

/** The carrier does not deliver to this postcode. */
const refusedPostcode = '00000';
/**
 * The carrier books a parcel to this postcode, but answers only after the shipment was given up.
 */
const latePostcode = '99999';
const lookEveryMs = 100;

interface SimulatedCarrierOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly deliveryMs: DurationMs;
}

type BookedRow = { outcome: BookingOutcome; answered: boolean };

/**
 * Refuses postcode `00000`, answers too late for `99999`, and books every other parcel at once. It
 * commits to its own tables, so a killed service forgets no booking that the carrier has made. "Too
 * late" means after the shipment was given up, which the carrier reads in the service's events. So
 * neither a timeout nor the speed of the machine matters.
 */
export const simulatedCarrier = (options: SimulatedCarrierOptions): Carrier => ({
  async book(key, { postcode }: ShippingAddress, { signal }) {
    const { database, clock } = options;
    const outcome: BookingOutcome = postcode === refusedPostcode ? 'refused' : 'booked';
    for (;;) {
      const { rows } = await database.query<BookedRow>(bookParcel, [key, outcome, postcode === latePostcode]);
      const [row] = rows;
      if (row === undefined) throw new Error(`the simulated carrier lost booking ${key}`);
      signal.throwIfAborted();
      if (row.answered) return row.outcome;
      await pause(clock, lookEveryMs, signal);
      await database.query(answerOnceGivenUp, [key, shipmentStream(orderOfBooking(key))]);
    }
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
