/** The first asking decides what is answered and when; the repetition finds what was decided, and how long it still has to wait. */
export const bookParcel = `
  WITH made AS (
    INSERT INTO simulated_carrier_booking (key, outcome, answers_at) VALUES ($1, $2, now() + $3 * interval '1 millisecond')
    ON CONFLICT (key) DO NOTHING RETURNING outcome, answers_at
  ), known AS (
    SELECT outcome, answers_at FROM made UNION ALL SELECT outcome, answers_at FROM simulated_carrier_booking WHERE key = $1 LIMIT 1
  )
  SELECT outcome, greatest(0, ceil(extract(epoch FROM answers_at - now()) * 1000))::integer AS wait_ms FROM known`;

/** Before it has answered, nobody knows. */
export const bookingOutcome = `SELECT outcome FROM simulated_carrier_booking WHERE key = $1 AND answers_at <= now()`;

/** Once: the first moment stays. */
export const cancelBooking = `UPDATE simulated_carrier_booking SET cancelled_at = coalesce(cancelled_at, now()) WHERE key = $1`;

/** Only what is not cancelled, and once. */
export const deliverParcel = `
  UPDATE simulated_carrier_booking SET delivered_at = coalesce(delivered_at, now()) WHERE key = $1 AND cancelled_at IS NULL`;
