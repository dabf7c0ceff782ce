import type { EventStore, ReadOptions, RecordedEvent } from '@millrace/event-sourcing';
import type { Queryable } from '@millrace/streaming-core/postgres';
import type { HistoryItem } from '@millrace/operations/contract';
import { z } from 'zod';
import { decodeCursor, pageFrom, type Page } from '../../web/http/pagination.ts';

export interface HistoryQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The name of the query field that has the cursor. */
  readonly field?: string;
  /** Reads the stream as of a version or a moment. */
  readonly asOf?: Pick<ReadOptions, 'toVersion' | 'at'> | undefined;
}

/** Reads a page of a stream's events. The cursor is the version of the last one. */
export async function historyOf(
  database: Queryable,
  store: EventStore,
  stream: string,
  { limit, cursor, field, asOf }: HistoryQuery,
): Promise<Page<HistoryItem>> {
  const after = decodeCursor(cursor, z.number().int().min(0), field) ?? 0;
  const events = await store.read(database, stream, {
    ...asOf,
    fromVersion: BigInt(after + 1),
    limit: limit + 1,
    opens: false,
  });
  return pageFrom(events.map(historyItemOf), limit, (item) => item.version);
}

/** Leaves personal data out. */
export function historyItemOf({ id, version, event, recordedAt, metadata }: RecordedEvent): HistoryItem {
  const { type, personal: _personal, ...data } = event;
  return {
    version: Number(version),
    type,
    data,
    eventId: id,
    recordedAt: recordedAt.toISOString(),
    correlationId: metadata.correlationId,
    causationId: metadata.causationId,
    ...(metadata.actor !== undefined && { actor: metadata.actor }),
  };
}
