/**
 * Inserts intents. A pending call of the same kind and key stays as it is. Of two such calls in one
 * statement the first is inserted. A call with a lease ($5, ms) is inserted as claimed. The lease
 * begins at the statement, because the transaction may have begun long before.
 */
export const INSERT_CALLS = `
  INSERT INTO external_call (kind, key, payload, metadata, attempts, lease_until)
  SELECT kind, key, payload, metadata, CASE WHEN lease_ms IS NULL THEN 0 ELSE 1 END,
    coalesce(clock_timestamp() + lease_ms * interval '1 millisecond', '-infinity')
  FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[], $5::integer[]) WITH ORDINALITY
    AS call (kind, key, payload, metadata, lease_ms, number)
  ORDER BY kind, key COLLATE "C", number
  ON CONFLICT (kind, key) DO NOTHING
  RETURNING id, kind, key, attempts, created_at`;

/**
 * Claims calls that are due and that no worker holds, the oldest first. Calls that other workers
 * are claiming are skipped. The lease is in the database's time, which all workers share. The array
 * is evaluated once. PostgreSQL could evaluate a subselect again for every row and then claim more
 * calls than the limit.
 */
export const CLAIM_CALLS = `
  UPDATE external_call SET attempts = attempts + 1, lease_until = now() + $2 * interval '1 millisecond'
  WHERE id = ANY (ARRAY(
    SELECT id FROM external_call
    WHERE kind = $1 AND due_at <= now() AND lease_until <= now()
    ORDER BY due_at, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
  ))
  RETURNING id, kind, key, payload, metadata, attempts, created_at`;

/**
 * Follows the locks of the streams in a completion, because batches lock streams before they insert
 * calls. Returns the calls whose lease was not taken over.
 */
export const DELETE_CALLS = `
  DELETE FROM external_call USING unnest($1::bigint[], $2::integer[]) AS done (id, attempts)
  WHERE external_call.id = done.id AND external_call.attempts = done.attempts
  RETURNING external_call.id`;

/** Gives a failed call back. It can be claimed again after a delay. */
export const POSTPONE_CALL = `
  UPDATE external_call SET lease_until = '-infinity', due_at = now() + $3 * interval '1 millisecond', last_error = $4
  WHERE id = $1 AND attempts = $2`;

/**
 * $1 is the maximum number of calls to count. Ids grow, so the primary key yields the oldest first.
 */
export const PENDING_CALLS = `
  SELECT kind, count(*)::integer AS pending,
    greatest(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 * 1000 AS oldest_age_ms
  FROM (SELECT kind, created_at FROM external_call ORDER BY id LIMIT $1) AS oldest
  GROUP BY kind ORDER BY kind`;
