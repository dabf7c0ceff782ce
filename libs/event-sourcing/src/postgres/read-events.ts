import { isUuidV7, uuidV7TimeMs } from '@millrace/streaming-core/contract';
import type { SqlTransaction, SqlRow, Queryable } from '@millrace/streaming-core/postgres';
import type { RecordedEvent, FromSnapshot, FromSnapshotOptions } from '../event-store.ts';
import { clockDifferenceMsMax } from '../limits.ts';
import { streamsOf } from '../transaction-streams.ts';
import { READ_CAUSED } from './events.sql.ts';
import { toRecordedEvent, type EventRow } from './stored-event.ts';

/**
 * A stream's snapshot ($2: the hash of its schema) and at most $4 events after it, none of them
 * after version $3. Without a snapshot that `fits`, the events begin with the first. It is one
 * statement, so the snapshot and the events are of the same moment. The row of the snapshot has no
 * id.
 */
const READ_FROM_SNAPSHOT = `
  WITH found AS MATERIALIZED (
    SELECT version, state,
           EXISTS (SELECT FROM event
                   WHERE event.stream = stream_snapshot.stream
                     AND event.version = stream_snapshot.version
                     AND event.id = stream_snapshot.last_event) AS fits
    FROM stream_snapshot
    WHERE stream = $1 AND schema_hash = $2
  )
  SELECT NULL::uuid AS id, version, NULL AS type, NULL::integer AS schema_version, NULL::jsonb AS data, NULL::jsonb AS personal,
         NULL::jsonb AS metadata, NULL::timestamptz AS recorded_at, state, fits
  FROM found
  UNION ALL
  (SELECT id, version, type, schema_version, data, personal, metadata, recorded_at, NULL, NULL
   FROM event
   WHERE stream = $1
     AND version > COALESCE((SELECT version FROM found WHERE fits), 0)
     AND version <= COALESCE($3::bigint, 9223372036854775807)
   ORDER BY version
   LIMIT $4::integer)
  ORDER BY version`;

/**
 * Filters in memory the streams that were loaded completely with their locks, and searches the
 * others with one statement.
 */
export async function readCaused(
  transaction: SqlTransaction,
  streams: readonly string[],
  messageId: string,
  searchedEventsMax: number,
): Promise<readonly RecordedEvent[]> {
  const inMemory = new Map(
    streams.flatMap((stream) => {
      const events = wholeStream(transaction, stream);
      return events === undefined ? [] : [[stream, events] as const];
    }),
  );
  const others = streams.filter((stream) => !inMemory.has(stream));
  const stored = await search(transaction, others, messageId, searchedEventsMax);
  return streams.flatMap((stream) => {
    const events = inMemory.get(stream);
    return events === undefined
      ? stored.filter((event) => event.stream === stream)
      : events.filter(({ metadata }) => metadata.causationId === messageId);
  });
}

function wholeStream(transaction: SqlTransaction, stream: string): readonly RecordedEvent[] | undefined {
  const loaded = streamsOf(transaction).find(stream)?.loaded;
  return loaded?.from === 1n ? loaded.events : undefined;
}

async function search(
  transaction: SqlTransaction,
  streams: readonly string[],
  messageId: string,
  searchedEventsMax: number,
): Promise<readonly RecordedEvent[]> {
  if (streams.length === 0) return [];
  const { rows } = await transaction.query<EventRow & { readonly stream: string }>(READ_CAUSED, [
    streams,
    messageId,
    searchedFrom(messageId),
    searchedEventsMax,
  ]);
  return rows.map((row) => toRecordedEvent(row.stream, row));
}

/** An id without a time may be of any message, so the streams are searched from their beginning. */
const searchedFrom = (messageId: string): Date =>
  new Date(isUuidV7(messageId) ? uuidV7TimeMs(messageId) - clockDifferenceMsMax : 0);

interface SnapshotRow extends SqlRow {
  readonly id: null;
  readonly version: string;
  readonly state: unknown;
  readonly fits: boolean;
}

export async function readFromSnapshot(
  transaction: Queryable,
  stream: string,
  { schemaHash, toVersion, limit }: FromSnapshotOptions,
): Promise<FromSnapshot> {
  const bound = toVersion === undefined ? null : String(toVersion);
  const { rows } = await transaction.query<EventRow | SnapshotRow>(READ_FROM_SNAPSHOT, [
    stream,
    schemaHash,
    bound,
    limit,
  ]);
  const snapshot = rows.find((row) => row.id === null) as SnapshotRow | undefined;
  const events = rows.filter((row): row is EventRow => row.id !== null);
  return {
    events: events.map((row) => toRecordedEvent(stream, row)),
    ...(snapshot !== undefined && {
      snapshot: { version: BigInt(snapshot.version), state: snapshot.state, fits: snapshot.fits },
    }),
  };
}
