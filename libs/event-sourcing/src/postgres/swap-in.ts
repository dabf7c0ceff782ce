import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { AsyncProjection, RebuildableProjection } from '../projection.ts';
import { READ_EVENTS_AFTER } from './async-projection.sql.ts';
import { presentEvents, type EventReading } from './present-events.ts';
import { END_CHECKPOINT, SHORT_LOCK_WAITS, STOP_APPENDS } from './shadow-tables.sql.ts';
import { replaceByShadows } from './shadow-tables.ts';
import { toRecordedEvent, type EventRow } from './stored-event.ts';

/** A rebuild that is further behind than this continues beside the live tables first. */
const lastEventsMax = 1_000;

export interface SwapOptions extends EventReading {
  readonly intoShadow: AsyncProjection;
}

/**
 * Replaces a projection's tables by their rebuilt copies. Returns false if the rebuild has ended,
 * is paused, or has too far to go.
 *
 * Why the copies are equal to the live tables at that moment: the lock on the events waits for every
 * transaction that has written one, and lets nobody write another. So no position below the last
 * can still be filled, and what is left is read without a fence. An append that waits for the lock
 * finds the new tables afterwards, since a transaction writes its events before the rows of
 * projections.
 *
 * A reader that keeps the old table open, or an append that waits too long, makes the swap fail. It
 * is then tried again.
 */
export const swapIn = (
  database: SqlDatabase,
  projection: RebuildableProjection,
  { intoShadow, ...reading }: SwapOptions,
): Promise<boolean> =>
  database
    .transaction(async (transaction) => {
      await transaction.query(SHORT_LOCK_WAITS);
      const { rows: ended } = await transaction.query<{ position: string }>(END_CHECKPOINT, [
        intoShadow.name,
        intoShadow.version,
      ]);
      const [checkpoint] = ended;
      if (checkpoint === undefined) return false;
      await lastRows(transaction, checkpoint.position, intoShadow); // appends wait for nothing too far
      await transaction.query(STOP_APPENDS);
      const rows = await lastRows(transaction, checkpoint.position, intoShadow);
      const wanted = rows.filter(({ type }) => intoShadow.eventTypes.includes(type));
      const stored = wanted.map((row) => toRecordedEvent(row.stream, row));
      const events = await presentEvents(stored, reading);
      const livePath = await transaction.query<{ search_path: string }>('SHOW search_path');
      if (events.length > 0) await (await intoShadow.apply(transaction, events))?.answers;
      await transaction.query(`SELECT set_config('search_path', $1, true)`, [livePath.rows[0]?.search_path]);
      await replaceByShadows(transaction, projection);
      return true;
    })
    .catch((error: unknown) => (error === tooFar ? false : Promise.reject(error as Error)));

type Row = EventRow & { readonly stream: string };

/** Reads the events that the rebuild still lacks. Throws `tooFar` if there are too many. */
async function lastRows(
  transaction: SqlTransaction,
  position: string,
  { eventTypes }: AsyncProjection,
): Promise<readonly Row[]> {
  const { rows } = await transaction.query<Row>(READ_EVENTS_AFTER, [position, eventTypes, lastEventsMax + 1]);
  if (rows.length > lastEventsMax) throw tooFar;
  return rows;
}

/** Rolls the swap back without being a failure. */
const tooFar = new Error('too many events for one transaction');
