/** No row: the key is this transaction's. The argument stands at the function (migrations/0001-idempotency-key.sql). */
export const CLAIM_KEY = `SELECT in_flight, fingerprint, status, headers, body FROM claim_idempotency_key($1, $2)`;

/** The claim's holder is alone with the key, so what can be in its way is a row that has expired; any other one stays, and nothing is written. */
export const KEEP_ANSWER = `
  INSERT INTO idempotency_key AS expired (id, fingerprint, route, status, headers, body, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 millisecond')
  ON CONFLICT (id) DO UPDATE
  SET (fingerprint, route, status, headers, body, created_at, expires_at) =
      (excluded.fingerprint, excluded.route, excluded.status, excluded.headers, excluded.body, excluded.created_at, excluded.expires_at)
  WHERE expired.expires_at <= clock_timestamp()`;

/** One slice, oldest first. Rows that somebody renews or deletes at this moment are left to the next slice. */
export const FORGET_EXPIRED = `
  DELETE FROM idempotency_key
  WHERE id IN (
    SELECT id FROM idempotency_key WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )`;
