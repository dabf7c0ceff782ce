import type { LockStreams } from '@millrace/streaming-core/consumer';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { EventStoreError } from '../errors.ts';
import {
  loadedEventsMax,
  loadedStreamEventsMax,
  lockedStreamsMax,
  streamIdCharactersMax,
} from '../limits.ts';
import { keptVersion } from '../state-cache.ts';
import { streamsOf } from '../transaction-streams.ts';
import { toRecordedEvent, type EventRow } from './stored-event.ts';
import { LOCK_AND_LOAD } from './events.sql.ts';

/**
 * Locks all streams of a batch in one statement, sorted under collation "C" as `append` sorts them,
 * so that two batches never deadlock over streams. The statement also loads their events, so that a
 * load in this transaction (the same object) needs no statement.
 *
 * From then on, the transaction may append only to these streams. Appending to another one or
 * locking it throws `undeclared_stream`, since a second statement would break the order. A
 * transaction that has never called this function may append to any stream.
 */
export const lockStreams: LockStreams = async (transaction, streams) => {
  const known = streamsOf(transaction);
  if (known.declared !== undefined) return assertDeclared(transaction, streams);
  if (streams.length > lockedStreamsMax)
    throw new EventStoreError(
      'append_too_large',
      `a batch has ${streams.length} streams, at most ${lockedStreamsMax} are allowed: use smaller batches`,
    );
  streams.forEach(assertStreamId);
  const declared = new Set(streams);
  if (declared.size > 0) await lockAndLoad(transaction, [...declared]);
  known.declared = declared;
};

/**
 * Locks and loads those of the streams that are not locked yet, and leaves the transaction free to
 * lock others later. This is for work that does not know all its streams beforehand and is retried
 * after a deadlock (`retryingTransaction`).
 */
export async function lockMoreStreams(
  transaction: SqlTransaction,
  streams: readonly string[],
): Promise<void> {
  streams.forEach(assertStreamId);
  const more = streams.filter((stream) => streamsOf(transaction).find(stream)?.locked !== true);
  if (more.length > 0) await lockAndLoad(transaction, more);
}

export function assertDeclared(transaction: SqlTransaction, streams: readonly string[]): void {
  const { declared } = streamsOf(transaction);
  const undeclared = declared && streams.find((stream) => !declared.has(stream));
  if (undeclared !== undefined) throw undeclaredStream(undeclared);
}

type LoadedRow = { readonly stream_number: string; readonly stream_version: string } & (
  EventRow | { readonly id: null }
);

async function lockAndLoad(transaction: SqlTransaction, streams: readonly string[]): Promise<void> {
  const from = streams.map((stream) => keptVersion(stream) + 1n);
  const eventsMax = Math.min(loadedStreamEventsMax, Math.floor(loadedEventsMax / streams.length));
  const { rows } = await transaction.query<LoadedRow>(LOCK_AND_LOAD, [
    streams,
    from.map((version) => String(version - 1n)),
    eventsMax,
  ]);
  const byStream = streams.map((): LoadedRow[] => []);
  for (const row of rows) byStream[Number(row.stream_number) - 1]?.push(row);
  const known = streamsOf(transaction);
  streams.forEach((stream, index) => {
    const found = byStream[index] ?? [];
    const stored = BigInt(found[0]?.stream_version ?? 0);
    const first = from[index] ?? 1n;
    const complete = stored - first < BigInt(eventsMax);
    const events = found.flatMap((row) => (row.id === null ? [] : [toRecordedEvent(stream, row)]));
    known.know(stream, { locked: true, stored, ...(complete ? { loaded: { from: first, events } } : {}) });
  });
}

/**
 * Returns the versions of streams that are appended to at any version. Locks them until the
 * transaction ends, but does not declare them.
 */
export async function lockVersions(
  transaction: SqlTransaction,
  streams: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await transaction.query<LoadedRow>(LOCK_AND_LOAD, [streams, streams.map(() => '0'), 0]);
  return new Map(
    rows.map((row) => [streams[Number(row.stream_number) - 1] ?? '', BigInt(row.stream_version)]),
  );
}

/** Reports a stream that can no longer be locked: locking it late could deadlock two batches. */
const undeclaredStream = (stream: string): EventStoreError =>
  new EventStoreError(
    'undeclared_stream',
    `stream ${stream} was not locked with its batch: name it in the handler's locks`,
    { stream },
  );

/** Matches what PostgreSQL cannot store as text: NUL and half a surrogate pair. */
const unstorable = /\0|\p{Surrogate}/u;

export function assertStreamId(stream: string): void {
  if (stream.length === 0 || stream.length > streamIdCharactersMax || unstorable.test(stream))
    throw new EventStoreError(
      'invalid_stream_id',
      `${JSON.stringify(stream.slice(0, 80))} is not a stream id: use 1 to ${streamIdCharactersMax} ` +
        'characters, without NUL or half a surrogate pair',
    );
}
