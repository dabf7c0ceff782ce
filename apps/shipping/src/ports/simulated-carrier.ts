import type { ShippingAddress } from '@millrace/contracts';
import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { shipmentStream } from '../stream-ids.ts';
import { orderOfBooking, type BookingOutcome, type Carrier } from './carrier.ts';

/**
 * The first request decides the outcome, whether the carrier takes returns from the address ($4),
 * and whether the answer is held back ($3) for longer than anybody waits. A repetition finds the outcome, and whether it may be answered yet.
 */
const bookParcel = `
  WITH made AS (
    INSERT INTO simulated_carrier_booking (key, outcome, answers_at, takes_returns)
    VALUES ($1, $2, CASE WHEN $3 THEN now() + interval '20 days' ELSE now() END, $4)
    ON CONFLICT (key) DO NOTHING RETURNING outcome, answers_at
  ), known AS (
    SELECT outcome, answers_at FROM made UNION ALL SELECT outcome, answers_at FROM simulated_carrier_booking WHERE key = $1 LIMIT 1
  )
  SELECT outcome, answers_at <= now() AS answered FROM known`;

/**
 * Releases the held-back answer once the shipment, whose stream is $2, has been given up. So no
 * clock decides which of the two comes first.
 */
const answerOnceGivenUp = `
  UPDATE simulated_carrier_booking SET answers_at = now()
  WHERE key = $1 AND answers_at > now()
    AND EXISTS (SELECT FROM event WHERE stream = $2 AND type = 'ShipmentCancellationRequested')`;

/** Finds no outcome before the carrier has answered. */
const bookingOutcome = `SELECT outcome FROM simulated_carrier_booking WHERE key = $1 AND answers_at <= now()`;

/** Keeps the time of the first cancellation. */
const cancelBooking = `UPDATE simulated_carrier_booking SET cancelled_at = coalesce(cancelled_at, now()) WHERE key = $1`;

/** Delivers only a booking that is not cancelled, and keeps the time of the first delivery. */
const deliverParcel = `
  UPDATE simulated_carrier_booking SET delivered_at = coalesce(delivered_at, now()) WHERE key = $1 AND cancelled_at IS NULL`;

/**
 * The first request decides whether there is a label ($1) for the return of a booking ($2), and with
 * which number ($3). A repetition finds the same.
 */
const makeReturnLabel = `
  WITH made AS (
    INSERT INTO simulated_carrier_return_label (key, tracking_number)
    SELECT $1, CASE WHEN takes_returns THEN $3 END FROM simulated_carrier_booking WHERE key = $2
    ON CONFLICT (key) DO NOTHING RETURNING tracking_number
  )
  SELECT tracking_number FROM made
  UNION ALL SELECT tracking_number FROM simulated_carrier_return_label WHERE key = $1 LIMIT 1`;

/** Keeps the time of the first voiding. */
const voidReturnLabel = `UPDATE simulated_carrier_return_label SET voided_at = coalesce(voided_at, now()) WHERE key = $1`;

/** The carrier does not deliver to this postcode. */
const refusedPostcode = '00000';
/**
 * The carrier books a parcel to this postcode, but answers only after the shipment was given up.
 */
const latePostcode = '99999';
/** The carrier delivers to this postcode, but makes no labels for returns from it. */
const noReturnsPostcode = '11111';
const lookEveryMs = 100;

interface SimulatedCarrierOptions {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly deliveryMs: DurationMs;
}

type BookedRow = { outcome: BookingOutcome; answered: boolean };

/**
 * Refuses postcode `00000`, answers too late for `99999`, and books every other parcel at once. It
 * makes a label for the return of every booking but those for `11111`, whose number follows from the
 * order's id. It commits to its own tables, so a killed service forgets no booking that the carrier
 * has made. "Too late" means after the shipment was given up, which the carrier reads in the
 * service's events. So neither a timeout nor the speed of the machine matters.
 */
export const simulatedCarrier = (options: SimulatedCarrierOptions): Carrier => ({
  async book(key, { postcode }: ShippingAddress, { signal }) {
    const { database, clock } = options;
    const outcome: BookingOutcome = postcode === refusedPostcode ? 'refused' : 'booked';
    for (;;) {
      const { rows } = await database.query<BookedRow>(bookParcel, [
        key,
        outcome,
        postcode === latePostcode,
        postcode !== noReturnsPostcode,
      ]);
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
  async makeLabel(key, booking) {
    const { rows } = await options.database.query<{ tracking_number: string | null }>(makeReturnLabel, [
      key,
      booking,
      `RL-${orderOfBooking(booking)}`,
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error(`the simulated carrier has no booking ${booking}`);
    return row.tracking_number === null
      ? { outcome: 'refused' }
      : { outcome: 'made', trackingNumber: row.tracking_number };
  },
  async voidLabel(key) {
    await options.database.query(voidReturnLabel, [key]);
  },
  async deliver(key, { signal }) {
    await pause(options.clock, options.deliveryMs, signal);
    signal.throwIfAborted();
    await options.database.query(deliverParcel, [key]);
  },
});
