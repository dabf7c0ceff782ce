/**
 * The first request decides the outcome, and whether the answer is held back ($3) for longer than
 * anybody waits. A repetition finds the outcome, and whether it may be answered yet.
 */
export const bookParcel = `
  WITH made AS (
    INSERT INTO simulated_carrier_booking (key, outcome, answers_at)
    VALUES ($1, $2, CASE WHEN $3 THEN now() + interval '20 days' ELSE now() END)
    ON CONFLICT (key) DO NOTHING RETURNING outcome, answers_at
  ), known AS (
    SELECT outcome, answers_at FROM made UNION ALL SELECT outcome, answers_at FROM simulated_carrier_booking WHERE key = $1 LIMIT 1
  )
  SELECT outcome, answers_at <= now() AS answered FROM known`;

/**
 * Releases the held-back answer once the shipment, whose stream is $2, has been given up. So no
 * clock decides which of the two comes first.
 */
export const answerOnceGivenUp = `
  UPDATE simulated_carrier_booking SET answers_at = now()
  WHERE key = $1 AND answers_at > now()
    AND EXISTS (SELECT FROM event WHERE stream = $2 AND type = 'ShipmentCancellationRequested')`;

/** Finds no outcome before the carrier has answered. */
export const bookingOutcome = `SELECT outcome FROM simulated_carrier_booking WHERE key = $1 AND answers_at <= now()`;

/** Keeps the time of the first cancellation. */
export const cancelBooking = `UPDATE simulated_carrier_booking SET cancelled_at = coalesce(cancelled_at, now()) WHERE key = $1`;

/** Delivers only a booking that is not cancelled, and keeps the time of the first delivery. */
export const deliverParcel = `
  UPDATE simulated_carrier_booking SET delivered_at = coalesce(delivered_at, now()) WHERE key = $1 AND cancelled_at IS NULL`;
