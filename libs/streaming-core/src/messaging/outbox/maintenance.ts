import { days, type DurationMs } from '../../runtime/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { makeDays, type DailyTable } from './day-partitions.ts';
import {
  deleteFromInboxDefault,
  deleteFromOutboxDefault,
  dropInboxDay,
  dropOutboxDay,
  inboxDayThatIsOver,
  outboxDayThatIsOver,
} from './maintenance.sql.ts';

export interface MaintenanceOptions {
  readonly partitionDaysAhead?: number;
  /** How long published messages stay readable in the database. */
  readonly outboxRetentionMs?: DurationMs;
  /** Longer than a message can come again; the service that knows its topics checks that. */
  readonly inboxRetentionMs?: DurationMs;
}

const outbox: DailyTable = { name: 'outbox', timeColumn: 'created_at', firstDay: 0 };

/** From yesterday on: a message may have been made before midnight. */
const inbox: DailyTable = { name: 'inbox', timeColumn: 'time', firstDay: -1 };

/** How long a relay can publish a message again. */
export const outboxRetentionMsByDefault: DurationMs = days(2);

/** Of the default partitions: what one statement deletes. */
const deletedAtOnce = 10_000;

/**
 * Makes the partitions of outbox and inbox for the days to come and drops those that are over, each in a transaction of its own, so that no
 * exclusive lock lasts while many rows are read. Each step waits 200 ms for its locks at most, and rejects with SQLSTATE 55P03 then: try
 * again later, nothing is lost meanwhile, rows go to the default partitions.
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
