import type { SqlDatabase } from '../../postgres/index.ts';
import {
  createDay,
  daysWithoutPartition,
  defaultBytes,
  excludeDay,
  includeDay,
  validateExcludedDay,
} from './day-partitions.sql.ts';

/** A table that is partitioned by days in UTC and has a default partition. */
export interface DailyTable {
  readonly name: string;
  readonly timeColumn: string;
  /** The first day for which rows may still arrive, counted from today. */
  readonly firstDay: number;
}

/**
 * A default partition up to this size is read under the exclusive lock of ATTACH, which takes some
 * milliseconds.
 */
const defaultBytesMax = 8 * 1024 * 1024;

/**
 * Beside a larger default partition, only days that lie this far ahead are attached, because the
 * default rejects rows of the day for a moment.
 */
const leadDays = 7;

/**
 * Makes the partitions from the table's first day on, each in its own transaction. If the default
 * partition is large, it makes partitions for days that begin a week from now, so that no lock
 * lasts while rows are read. Until then rows go to the default partition. A day that already has
 * rows in the default partition gets no partition.
 */
export async function makeDays(
  database: SqlDatabase,
  { name, timeColumn, firstDay }: DailyTable,
  days: number,
): Promise<void> {
  await database.query(includeDay, [name]); // a process that died may have left a day excluded
  const size = await database.query<{ bytes: string }>(defaultBytes, [name]);
  const large = Number(size.rows[0]?.bytes) > defaultBytesMax;
  const missing = await database.query<{ day: string }>(daysWithoutPartition, [
    name,
    large ? leadDays : firstDay,
    days,
  ]);
  for (const { day } of missing.rows) {
    if (large) await attachBesideLargeDefault(database, { name, timeColumn, day });
    else await database.query(createDay, [name, day]);
  }
}

interface Day extends Pick<DailyTable, 'name' | 'timeColumn'> {
  readonly day: string;
}

async function attachBesideLargeDefault(database: SqlDatabase, { name, timeColumn, day }: Day) {
  await database.query(excludeDay, [name, timeColumn, day]);
  try {
    await database.query(validateExcludedDay, [name]);
    await database.query(createDay, [name, day]);
  } catch (error) {
    if (!holdsRowsOfTheDay(error)) throw error;
  } finally {
    await database.query(includeDay, [name]);
  }
}

/** SQLSTATE check_violation. */
const holdsRowsOfTheDay = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23514';
