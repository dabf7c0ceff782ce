/** A transaction id younger than every id that was given out before: one burned id per hole. Its transaction ends with the statement. */
export const takeFence = `SELECT pg_current_xact_id()::text AS xid`;

/**
 * The oldest backend of this database with a transaction id below the fence ($1). `datid` is null for a process without a database, which
 * counts as one of ours. Ages are compared, since `backend_xid` has 32 bits and wraps around while the fence has 64. Every role may read
 * another's `backend_xid`, but its `xact_start` only with pg_read_all_stats. The function is what the view pg_stat_activity reads; planning
 * the view would take longer than all the rest.
 */
export const oldestBackendBefore = `
  SELECT pid, application_name AS name, extract(epoch FROM clock_timestamp() - xact_start)::float8 * 1000 AS age_ms
  FROM pg_stat_get_activity(NULL)
  WHERE (datid IS NULL OR datid = (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND age(backend_xid) > age($1::xid8::xid)
  ORDER BY age(backend_xid) DESC
  LIMIT 1`;

/** The same for transactions that were prepared (PREPARE TRANSACTION): they have no backend any more. */
export const oldestPreparedBefore = `
  SELECT NULL::integer AS pid, gid AS name, extract(epoch FROM clock_timestamp() - prepared)::float8 * 1000 AS age_ms
  FROM pg_prepared_xacts
  WHERE coalesce(database, current_database()) = current_database() AND age(transaction) > age($1::xid8::xid)
  ORDER BY age(transaction) DESC
  LIMIT 1`;
