import { days, type DurationMs } from '../../runtime/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { makeDays, type DailyTable } from './day-partitions.ts';

/** The last position that every relay has published. */
const passed = '(SELECT min(position) FROM relay_cursor)';

/** $1 retention in ms. */
export const outboxDayThatIsOver = `
  SELECT day_that_is_over('outbox', now() - $1 * interval '1 millisecond', ${passed}) AS day`;

/** $1 retention in ms. */
const inboxDayThatIsOver = `SELECT day_that_is_over('inbox', now() - $1 * interval '1 millisecond', NULL) AS day`;

/** Drops a day. $1 is the name of its table. */
export const dropOutboxDay = `SELECT drop_day('outbox', $1, ${passed}) AS dropped`;

/** Drops a day. $1 is the name of its table. */
const dropInboxDay = `SELECT drop_day('inbox', $1, NULL) AS dropped`;

/**
 * Deletes old rows of days that have no partition of their own. A row that is dated far ahead
 * stays, but does not keep any other. $1 retention in ms, $2 the maximum number of rows. Rows are
 * found by `ctid` in an array, which is evaluated once. PostgreSQL could evaluate a subselect again
 * for every row.
 */
const deleteFromOutboxDefault = `
  DELETE FROM outbox_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM outbox_default
    WHERE created_at < now() - $1 * interval '1 millisecond' AND position <= ${passed}
    LIMIT $2
  ))`;

const deleteFromInboxDefault = `
  DELETE FROM inbox_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox_default WHERE time < now() - $1 * interval '1 millisecond' LIMIT $2
  ))`;

export interface MaintenanceOptions {
  readonly partitionDaysAhead?: number;
  /** How long published messages stay in the database. */
  readonly outboxRetentionMs?: DurationMs;
  /**
   * How long ids of handled messages stay in the inbox. It must exceed the time in which a message
   * can be redelivered, which the service checks because it knows its topics.
   */
  readonly inboxRetentionMs?: DurationMs;
}

const outbox: DailyTable = { name: 'outbox', timeColumn: 'created_at', firstDay: 0 };

/** The first day is yesterday, because a message may have been created before midnight. */
const inbox: DailyTable = { name: 'inbox', timeColumn: 'time', firstDay: -1 };

/** The time within which a message can be published again. */
export const outboxRetentionMsByDefault: DurationMs = days(2);

/** The maximum number of rows that one statement deletes from a default partition. */
const deletedAtOnce = 10_000;

/**
 * Makes the partitions of outbox and inbox for the coming days and drops those of past days, each
 * in its own transaction, so that no exclusive lock lasts while many rows are read. Each step waits
 * at most 200 ms for its locks and then rejects with SQLSTATE 55P03. Try again later: nothing is
 * lost, because rows go to the default partitions meanwhile.
 */
export async function maintainPartitions(
  database: SqlDatabase,
  {
    partitionDaysAhead = 4,
    outboxRetentionMs = outboxRetentionMsByDefault,
    inboxRetentionMs = days(31),
  }: MaintenanceOptions = {},
): Promise<void> {
  await makeDays(database, outbox, partitionDaysAhead);
  await makeDays(database, inbox, partitionDaysAhead + 1);
  await dropDays(database, {
    find: outboxDayThatIsOver,
    drop: dropOutboxDay,
    retentionMs: outboxRetentionMs,
  });
  await dropDays(database, { find: inboxDayThatIsOver, drop: dropInboxDay, retentionMs: inboxRetentionMs });
  await deleteOld(database, deleteFromOutboxDefault, outboxRetentionMs);
  await deleteOld(database, deleteFromInboxDefault, inboxRetentionMs);
}

interface DropDays {
  readonly find: string;
  readonly drop: string;
  readonly retentionMs: DurationMs;
}

async function dropDays(database: SqlDatabase, { find, drop, retentionMs }: DropDays): Promise<void> {
  for (let dropped = true; dropped;) {
    const { rows } = await database.query<{ day: string | null }>(find, [retentionMs]);
    const day = rows[0]?.day ?? null;
    if (day === null) return;
    const result = await database.query<{ dropped: boolean }>(drop, [day]);
    dropped = result.rows[0]?.dropped === true;
  }
}

async function deleteOld(database: SqlDatabase, statement: string, retentionMs: DurationMs): Promise<void> {
  for (let deleted = deletedAtOnce; deleted === deletedAtOnce;)
    deleted = (await database.query(statement, [retentionMs, deletedAtOnce])).rowCount;
}
