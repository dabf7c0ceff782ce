import { type SqlDatabase, mayTakeLong } from '../../postgres/index.ts';

/** $1 parent. */
const defaultBytes = `SELECT pg_relation_size($1 || '_default') AS bytes`;

/**
 * $1 parent, $2 first day, counted from today in UTC, $3 number of days. Returns days as
 * YYYY-MM-DD.
 */
export const daysWithoutPartition = `
  SELECT day::text FROM days_without_partition($1, (now() AT TIME ZONE 'UTC')::date + $2::integer, $3) AS day`;

/** $1 parent, $2 day. Makes no partition for a day with rows in the default partition. */
export const createDay = 'SELECT create_day_partitions($1, $2::date, 1)';

/** $1 parent, $2 its time column, $3 day. */
export const excludeDay = 'SELECT exclude_day($1, $2, $3::date)';

/** $1 parent. */
export const validateExcludedDay = mayTakeLong('SELECT validate_excluded_day($1)');

/** $1 parent. */
export const includeDay = 'SELECT include_day($1)';

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
