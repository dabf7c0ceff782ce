/** The first request decides the outcome. A repetition finds that outcome and is counted. */
export const recordCharge = `
  INSERT INTO provider_charge (key, amount, currency, outcome) VALUES ($1, $2, $3, $4)
  ON CONFLICT (key) DO UPDATE SET times_asked = provider_charge.times_asked + 1`;

export const chargeOutcome = `SELECT outcome FROM provider_charge WHERE key = $1`;

/** Refunds only an approved charge, and only once. */
export const recordRefund = `
  INSERT INTO provider_refund (key, charge_key)
  SELECT $1, key FROM provider_charge WHERE key = $2 AND outcome = 'approved'
  ON CONFLICT DO NOTHING`;

export const findRefund = `SELECT 1 FROM provider_refund WHERE key = $1`;
