/**
 * The first asking decides what is answered, and whether that is held back ($3): for longer than anybody waits. The repetition finds what was
 * decided, and whether it may be told.
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

/** What was held back is told once the shipment ($2 is its stream) was given up: no clock decides which of the two is first. */
export const answerOnceGivenUp = `
  UPDATE simulated_carrier_booking SET answers_at = now()
  WHERE key = $1 AND answers_at > now()
    AND EXISTS (SELECT FROM event WHERE stream = $2 AND type = 'ShipmentCancellationRequested')`;

/** Before it has answered, nobody knows. */
export const bookingOutcome = `SELECT outcome FROM simulated_carrier_booking WHERE key = $1 AND answers_at <= now()`;

/** Once: the first moment stays. */
export const cancelBooking = `UPDATE simulated_carrier_booking SET cancelled_at = coalesce(cancelled_at, now()) WHERE key = $1`;

/** Only what is not cancelled, and once. */
export const deliverParcel = `
  UPDATE simulated_carrier_booking SET delivered_at = coalesce(delivered_at, now()) WHERE key = $1 AND cancelled_at IS NULL`;
