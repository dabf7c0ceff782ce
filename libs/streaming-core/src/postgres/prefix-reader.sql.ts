/*
 * Why the statements below miss no owner of a hole, from the source of PostgreSQL 18.4:
 *
 * - Taking an id. PostgreSQL stores the id in the backend's PGPROC before it releases XidGenLock,
 *   which the fence takes too (GetNewTransactionId). So after the fence every older id is visible
 *   among the backends, unless its transaction has ended.
 * - Commit and abort. PostgreSQL writes the outcome to pg_xact, then removes the id under the
 *   exclusive ProcArrayLock, which every snapshot takes (ProcArrayEndTransaction). A snapshot taken
 *   after the id is gone sees the outcome. An earlier one may not, so the rows are read again.
 * - Prepare. A transaction enters pg_prepared_xacts before it leaves its backend (EndPrepare). When
 *   it ends, its id is removed before its entry becomes invalid (FinishPreparedTransaction).
 * - Sessions. A killed session's transaction is rolled back before its entry is removed.
 * - Savepoints and parallel workers. `backend_xid` is the id of the top transaction, the lowest one.
 * - Wraparound. `age()` is right within 2^31 ids, and no running transaction is older. A fence that
 *   is kept for longer can only make the reader wait.
 */

/**
 * Takes a transaction id, which is younger than every id assigned so far. This costs one id per
 * hole. The transaction ends with the statement.
 */
export const takeFence = `SELECT pg_current_xact_id()::text AS xid`;

/**
 * Finds the oldest backend of this database with a transaction id below the fence ($1).
 *
 * - `datid` is null for a process without a database. Such a process counts as one of this
 *   database.
 * - Ages are compared because `backend_xid` has 32 bits and wraps around, while the fence has 64.
 * - Every role may read the `backend_xid` of another role, but needs pg_read_all_stats for its
 *   `xact_start`.
 * - The function is the source of the view pg_stat_activity. Planning the view would take longer
 *   than everything else.
 */
export const oldestBackendBefore = `
  SELECT pid, application_name AS name, extract(epoch FROM clock_timestamp() - xact_start)::float8 * 1000 AS age_ms
  FROM pg_stat_get_activity(NULL)
  WHERE (datid IS NULL OR datid = (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND age(backend_xid) > age($1::xid8::xid)
  ORDER BY age(backend_xid) DESC
  LIMIT 1`;

/**
 * Finds the oldest prepared transaction (PREPARE TRANSACTION) below the fence ($1). A prepared
 * transaction has no backend.
 */
export const oldestPreparedBefore = `
  SELECT NULL::integer AS pid, gid AS name, extract(epoch FROM clock_timestamp() - prepared)::float8 * 1000 AS age_ms
  FROM pg_prepared_xacts
  WHERE coalesce(database, current_database()) = current_database() AND age(transaction) > age($1::xid8::xid)
  ORDER BY age(transaction) DESC
  LIMIT 1`;
