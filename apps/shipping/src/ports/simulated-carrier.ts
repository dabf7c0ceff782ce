import type { ShippingAddress } from '@millrace/contracts';
import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { BookingOutcome, Carrier } from './carrier.ts';

/** Does not deliver there. */
const refusedPostcode = '00000';

const book = `
  WITH made AS (INSERT INTO simulated_carrier_booking (key, outcome) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING outcome)
  SELECT outcome FROM made UNION ALL SELECT outcome FROM simulated_carrier_booking WHERE key = $1 LIMIT 1`;
const outcomeOf = 'SELECT outcome FROM simulated_carrier_booking WHERE key = $1';
const cancel = 'UPDATE simulated_carrier_booking SET cancelled_at = coalesce(cancelled_at, now()) WHERE key = $1';
const deliver = 'UPDATE simulated_carrier_booking SET delivered_at = coalesce(delivered_at, now()) WHERE key = $1 AND cancelled_at IS NULL';

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
    const { rows } = await options.database.query<{ outcome: BookingOutcome }>(book, [
      key,
      postcode === refusedPostcode ? 'refused' : 'booked',
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error(`the simulated carrier lost booking ${key}`);
    return row.outcome;
  },
  async outcomeOf(key) {
    const { rows } = await options.database.query<{ outcome: BookingOutcome }>(outcomeOf, [key]);
    return rows[0]?.outcome ?? 'unknown';
  },
  async cancel(key) {
    await options.database.query(cancel, [key]);
  },
  async deliver(key, { signal }) {
    await pause(options.clock, options.deliveryMs, signal);
    signal.throwIfAborted();
    await options.database.query(deliver, [key]);
  },
});
