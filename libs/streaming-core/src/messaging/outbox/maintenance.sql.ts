/** The last position that every relay has published. */
const passed = '(SELECT min(position) FROM relay_cursor)';

/** $1 retention in ms. */
export const outboxDayThatIsOver = `
  SELECT day_that_is_over('outbox', now() - $1 * interval '1 millisecond', ${passed}) AS day`;

/** $1 retention in ms. */
export const inboxDayThatIsOver = `SELECT day_that_is_over('inbox', now() - $1 * interval '1 millisecond', NULL) AS day`;

/** $1 the day's table. */
export const dropOutboxDay = `SELECT drop_day('outbox', $1, ${passed}) AS dropped`;

/** $1 the day's table. */
export const dropInboxDay = `SELECT drop_day('inbox', $1, NULL) AS dropped`;

/**
 * Deletes old rows of days that have no partition of their own. A row that is dated far ahead
 * stays, but does not keep any other. $1 retention in ms, $2 the maximum number of rows. Rows are
 * found by `ctid` in an array, which is evaluated once. PostgreSQL could evaluate a subselect again
 * for every row.
 */
export const deleteFromOutboxDefault = `
  DELETE FROM outbox_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM outbox_default
    WHERE created_at < now() - $1 * interval '1 millisecond' AND position <= ${passed}
    LIMIT $2
  ))`;

export const deleteFromInboxDefault = `
  DELETE FROM inbox_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox_default WHERE time < now() - $1 * interval '1 millisecond' LIMIT $2
  ))`;
