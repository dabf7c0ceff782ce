import type { SqlRow, Queryable } from '@millrace/streaming-core/postgres';
import type { FromSnapshot, FromSnapshotOptions } from '../event-store.ts';
import { READ_FROM_SNAPSHOT } from './snapshot.sql.ts';
import { toRecordedEvent, type EventRow } from './stored-event.ts';

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
