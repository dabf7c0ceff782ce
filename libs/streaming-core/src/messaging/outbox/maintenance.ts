import { days, type DurationMs } from '../../runtime/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { createInboxDays, createOutboxDays, dropInboxDays, dropOutboxDays } from './maintenance.sql.ts';

export interface MaintenanceOptions {
  readonly partitionDaysAhead?: number;
  /** How long published messages stay readable in the database. */
  readonly outboxRetentionMs?: DurationMs;
  /** At least as long as dead letters are kept, so that a redriven message is still known. */
  readonly inboxRetentionMs?: DurationMs;
}

/**
 * Makes tomorrow's partitions of outbox and inbox and drops those that are over. Each step waits 200 ms for its locks at most, and
 * rejects with SQLSTATE 55P03 then: try again later, nothing is lost meanwhile, rows go to the default partitions.
 */
export async function maintainPartitions(
  database: SqlDatabase,
  {
    partitionDaysAhead = 4,
    outboxRetentionMs = days(2),
    inboxRetentionMs = days(31),
  }: MaintenanceOptions = {},
): Promise<void> {
  await database.query(createOutboxDays, [partitionDaysAhead]);
  await database.query(createInboxDays, [partitionDaysAhead]);
  await database.query(dropOutboxDays, [outboxRetentionMs]);
  await database.query(dropInboxDays, [inboxRetentionMs]);
}
