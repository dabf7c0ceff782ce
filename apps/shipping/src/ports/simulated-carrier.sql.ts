/** The first asking decides; the repetition finds what was decided. */
export const bookParcel = `
  WITH made AS (INSERT INTO simulated_carrier_booking (key, outcome) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING outcome)
  SELECT outcome FROM made UNION ALL SELECT outcome FROM simulated_carrier_booking WHERE key = $1 LIMIT 1`;

export const bookingOutcome = `SELECT outcome FROM simulated_carrier_booking WHERE key = $1`;

/** Once: the first moment stays. */
export const cancelBooking = `UPDATE simulated_carrier_booking SET cancelled_at = coalesce(cancelled_at, now()) WHERE key = $1`;

/** Only what is not cancelled, and once. */
export const deliverParcel = `
  UPDATE simulated_carrier_booking SET delivered_at = coalesce(delivered_at, now()) WHERE key = $1 AND cancelled_at IS NULL`;
