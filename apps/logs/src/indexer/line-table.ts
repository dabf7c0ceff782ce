import type { FetchedRecord } from '@millrace/streaming-core/client';
import { makeDays } from '@millrace/streaming-core/outbox';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { minutes, type DurationMs } from '@millrace/streaming-core/runtime';
import { readLine, sourceHeader, type Level, type LogLine } from '../log-line.ts';

/**
 * Lines that the table has already are left out, so that an operator may set the offset back. COPY could not do
 * that, and costs PostgreSQL as much: the index of words takes three quarters of the time.
 * $1 partition, then an array for each column.
 */
const insertLines = `
  INSERT INTO log_line (logged_at, log_partition, log_offset, level, service, order_id, correlation_id, message, line)
  SELECT to_timestamp(logged_at_ms / 1000), $1, log_offset, level, service, order_id, correlation_id, message, line
  FROM unnest($2::float8[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    AS given (logged_at_ms, log_offset, level, service, order_id, correlation_id, message, line)
  ON CONFLICT DO NOTHING`;

/**
 * The newest lines first. A filter that is null is left out when the statement is planned, which needs
 * a plan for these values: `customPlan`. $8 to $10 are the place of the last line of the page before.
 */
const findLines = `
  SELECT logged_at, log_partition, log_offset, level, service, order_id, correlation_id, message, line
  FROM log_line
  WHERE ($1::text IS NULL OR level = $1)
    AND ($2::text IS NULL OR to_tsvector('simple', message) @@ websearch_to_tsquery('simple', $2))
    AND ($3::text IS NULL OR service = $3)
    AND ($4::text IS NULL OR order_id = $4)
    AND ($5::timestamptz IS NULL OR logged_at >= $5)
    AND ($6::timestamptz IS NULL OR logged_at < $6)
    AND ($8::timestamptz IS NULL
      OR logged_at <= $8 AND (logged_at, log_partition, log_offset) < ($8, $9::integer, $10::bigint))
  ORDER BY logged_at DESC, log_partition DESC, log_offset DESC
  LIMIT $7`;

/** The service's connections plan for any values, and bound a transaction to 5 seconds, after which they break. */
const customPlan = `SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('statement_timeout', '4s', true)`;

/** $1 retention in ms. */
const dayThatIsOver = `SELECT day_that_is_over('log_line', now() - $1 * interval '1 millisecond', NULL) AS day`;

/** $1 table of the day. */
const dropDay = `SELECT drop_day('log_line', $1, NULL)`;

/** $1 retention in ms, $2 the most rows. */
const deleteOld = `
  DELETE FROM log_line_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM log_line_default WHERE logged_at < now() - $1 * interval '1 millisecond' LIMIT $2))`;

const days = { name: 'log_line', timeColumn: 'logged_at', firstDay: -1 } as const;
const daysAhead = 5;
const deletedAtOnce = 10_000;

/** A line with its place in the topic. */
export interface PlacedLine extends LogLine {
  readonly partition: number;
  readonly offset: bigint;
}

/** Reads the line of a record. A record without a valid time counts as written now. */
export function placedLine(record: FetchedRecord, nowMs: number): PlacedLine {
  const { partition, offset, value, headers, timestampMs } = record;
  const recordedAtMs = timestampMs >= 0 && timestampMs < nowMs + minutes(5) ? timestampMs : nowMs;
  const text = value?.toString() ?? '';
  return { partition, offset, ...readLine({ text, source: headers.get(sourceHeader), recordedAtMs }) };
}

/** A place in the order of a search. */
export type LinePlace = Pick<PlacedLine, 'loggedAtMs' | 'partition' | 'offset'>;

export interface LineFilter {
  readonly level?: Level;
  /** Words of the message, as `websearch_to_tsquery` takes them. */
  readonly q?: string;
  readonly service?: string;
  readonly orderId?: string;
}

export interface LineSearch extends LineFilter {
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
  readonly after?: LinePlace;
  readonly limit: number;
}

/** Writes the lines of one partition. */
export async function writeLines(
  transaction: SqlTransaction,
  partition: number,
  lines: readonly PlacedLine[],
): Promise<void> {
  await transaction.query(insertLines, [
    partition,
    lines.map(({ loggedAtMs }) => loggedAtMs),
    lines.map(({ offset }) => String(offset)),
    lines.map(({ level }) => level),
    lines.map(({ service }) => service),
    lines.map(({ orderId }) => orderId),
    lines.map(({ correlationId }) => correlationId),
    lines.map(({ message }) => message),
    lines.map(({ line }) => line),
  ]);
}

type LineRow = Pick<LogLine, 'level' | 'service' | 'message' | 'line'> & {
  readonly logged_at: Date;
  readonly log_partition: number;
  readonly log_offset: string;
  readonly order_id: string | null;
  readonly correlation_id: string | null;
};

/** Rejects with SQLSTATE 57014 if the search takes more than 4 seconds. */
export function searchLines(database: SqlDatabase, search: LineSearch): Promise<readonly PlacedLine[]> {
  const { level, q, service, orderId, from, to, limit, after } = search;
  return database.transaction(async (transaction) => {
    await transaction.query(customPlan);
    const place = after && [new Date(after.loggedAtMs), after.partition, String(after.offset)];
    const { rows } = await transaction.query<LineRow>(findLines, [
      ...[level, q, service, orderId, from, to].map((given) => given ?? null),
      limit,
      ...(place ?? [null, null, null]),
    ]);
    return rows.map((row) => ({
      loggedAtMs: row.logged_at.getTime(),
      partition: row.log_partition,
      offset: BigInt(row.log_offset),
      level: row.level,
      service: row.service,
      orderId: row.order_id,
      correlationId: row.correlation_id,
      message: row.message,
      line: row.line,
    }));
  });
}

/** True for the error of a search that took too long. */
export const isTooSlow = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '57014';

/**
 * Makes the partitions of the coming days, and drops the days that are older than the retention. Waits
 * at most 200 ms for each lock, and then rejects with SQLSTATE 55P03: try again later.
 */
export async function keepDays(database: SqlDatabase, retentionMs: DurationMs): Promise<void> {
  await makeDays(database, days, daysAhead);
  for (;;) {
    const { rows } = await database.query<{ day: string | null }>(dayThatIsOver, [retentionMs]);
    const day = rows[0]?.day ?? null;
    if (day === null) break;
    await database.query(dropDay, [day]);
  }
  for (let deleted = deletedAtOnce; deleted === deletedAtOnce;)
    deleted = (await database.query(deleteOld, [retentionMs, deletedAtOnce])).rowCount;
}
