/**
 * Returns no row if this transaction holds the key. The comment of the function explains why it is
 * correct (migrations/0001-service.sql).
 */
export const CLAIM_KEY = `SELECT in_flight, fingerprint, status, headers, body FROM claim_idempotency_key($1, $2)`;

/** The message of the error that `KEEP_ANSWER` raises if the key has an answer. */
export const ALREADY_KEPT = 'the key has an answer';

/**
 * Only the holder of the claim writes under the key, so a conflicting row can only be an expired
 * one. If it is not, it stays and the statement fails: SQL has no statement that raises an error,
 * so it casts a text to a number.
 */
export const KEEP_ANSWER = `
  WITH kept AS (
    INSERT INTO idempotency_key AS expired (id, fingerprint, route, status, headers, body, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 millisecond')
    ON CONFLICT (id) DO UPDATE
    SET (fingerprint, route, status, headers, body, created_at, expires_at) =
        (excluded.fingerprint, excluded.route, excluded.status, excluded.headers, excluded.body, excluded.created_at, excluded.expires_at)
    WHERE expired.expires_at <= clock_timestamp()
    RETURNING id
  )
  SELECT (SELECT '${ALREADY_KEPT}' WHERE NOT EXISTS (SELECT FROM kept))::integer`;

/**
 * Deletes one slice, oldest first. Rows that another transaction is renewing or deleting are left
 * to the next slice.
 */
export const FORGET_EXPIRED = `
  DELETE FROM idempotency_key
  WHERE id IN (
    SELECT id FROM idempotency_key WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )`;
