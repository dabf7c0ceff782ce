import type { EventStore, ReadOptions, RecordedEvent } from '@millrace/event-sourcing';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { z } from 'zod';
import { decodeCursor, pageFrom, pageOf, type Page } from '../http/pagination.ts';

/** An event as `/history` shows it, without personal data. */
export const historyItem = z.object({
  version: z.number().int(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  eventId: z.string(),
  recordedAt: z.string(),
  correlationId: z.string(),
  causationId: z.string(),
  actor: z.string().optional(),
});
export const historyPage = pageOf(historyItem).describe('Events of one stream, oldest first');
export type HistoryItem = z.infer<typeof historyItem>;

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
  database: SqlTransaction,
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
