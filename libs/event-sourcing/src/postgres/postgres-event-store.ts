import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { EventStoreError } from '../errors.ts';
import type { AppendOptions, EventStore, ReadOptions, RecordedEvent, StreamAppend } from '../event-store.ts';
import { defaultEventStoreLimits, type EventStoreLimits } from '../limits.ts';
import type { InlineProjection, Publish } from '../projection.ts';
import { noteWritten, StateCache, type StateCacheLimits } from '../state-cache.ts';
import { appendToStreams } from './append.ts';
import { assertDeclared } from './lock-streams.ts';
import { READ_STREAM } from './read.sql.ts';
import { toRecordedEvent, type EventRow } from './stored-event.ts';

export interface PostgresEventStoreOptions {
  /** Run inside every append, in this order, each with the events of its types only. */
  readonly inline?: readonly InlineProjection[];
  /** Runs last inside every append, with all it recorded. */
  readonly publish?: Publish;
  readonly limits?: Partial<EventStoreLimits & StateCacheLimits>;
}

/**
 * The event store on PostgreSQL (17 or newer, tables of `eventSourcingMigrations`). An append is one round trip whatever the number of
 * streams; it rejects with `WrongExpectedVersionError`, which has aborted the transaction, and with `UndeclaredStreamError` or
 * `EventStoreError` before anything is sent. Event fields are JSON values.
 */
export function postgresEventStore({ inline = [], publish, limits = {} }: PostgresEventStoreOptions = {}): EventStore {
  const bounds = { ...defaultEventStoreLimits, ...limits };
  return {
    states: new StateCache(limits),
    async append(transaction: SqlTransaction, appends: readonly StreamAppend[], options: AppendOptions) {
      const streams = appends.map((append) => append.stream);
      assertDeclared(transaction, streams);
      noteWritten(transaction, streams);
      const recorded = await appendToStreams(transaction, appends, options, bounds);
      if (recorded.length > 0) await follow(transaction, recorded);
      return recorded;
    },
    read: (transaction, stream, options = {}) => readStream(transaction, stream, options, bounds),
  };

  async function follow(transaction: SqlTransaction, recorded: readonly RecordedEvent[]): Promise<void> {
    for (const projection of inline) {
      const wanted = recorded.filter((each) => projection.eventTypes.includes(each.event.type));
      if (wanted.length > 0) await projection.apply(transaction, wanted);
    }
    await publish?.(transaction, recorded);
  }
}

async function readStream(
  transaction: SqlTransaction,
  stream: string,
  { fromVersion = 1n, toVersion, at, limit }: ReadOptions,
  { readEventsMax }: EventStoreLimits,
): Promise<readonly RecordedEvent[]> {
  const rowsMax = limit === undefined ? readEventsMax + 1 : Math.min(limit, readEventsMax);
  const values = [stream, String(fromVersion), toVersion === undefined ? null : String(toVersion), at ?? null, rowsMax];
  const { rows } = await transaction.query<EventRow>(READ_STREAM, values);
  if (rows.length > readEventsMax)
    throw new EventStoreError('stream_too_long', `stream ${stream} has more than ${readEventsMax} events: read it in pages with a limit`);
  return rows.map((row) => toRecordedEvent(stream, row));
}
