/** A transaction id younger than every id that was given out before: one burned id per hole. Its transaction ends with the statement. */
export const takeFence = `SELECT pg_current_xact_id()::text AS xid`;

/** Whoever holds back the cluster's oldest running transaction id: a backend, or a prepared transaction (pid null). */
export const oldestWriter = `
  SELECT pid, name, extract(epoch FROM clock_timestamp() - since)::float8 * 1000 AS age_ms
  FROM (
    SELECT pid, application_name AS name, xact_start AS since, backend_xid AS xid FROM pg_stat_activity WHERE backend_xid IS NOT NULL
    UNION ALL
    SELECT NULL, gid, prepared, transaction FROM pg_prepared_xacts
  ) AS writer
  WHERE pid IS DISTINCT FROM pg_backend_pid()
  ORDER BY age(xid) DESC
  LIMIT 1`;
