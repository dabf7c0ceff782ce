import { mayTakeLong } from '../../postgres/index.ts';

/** $1 parent. */
export const defaultBytes = `SELECT pg_relation_size($1 || '_default') AS bytes`;

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
