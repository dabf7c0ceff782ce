import type { EventStore, ReadOptions, RecordedEvent } from '@millrace/event-sourcing';
import type { Queryable } from '@millrace/streaming-core/postgres';
import type { HistoryItem } from '@millrace/operations/contract';
import { z } from 'zod';
import { waitQuery } from '@millrace/read-models';
import { decodeCursor, pageFrom, type Page } from '../../web/http/pagination.ts';

/**
 * The query of a read at a past version or moment, or of one that waits for a version. A request
 * may use only one of them.
 */
export const asOfQuery = z
  .strictObject({
    ...waitQuery,
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Returns the state right after this version'),
    at: z.iso.datetime({ offset: true }).optional().describe('Returns the state at this moment (ISO 8601)'),
  })
  .refine(({ version, at }) => version === undefined || at === undefined, {
    path: ['at'],
    message: 'give a version or a moment, not both',
  })
  .refine(({ version, at, wait }) => wait === undefined || (version === undefined && at === undefined), {
    path: ['wait'],
    message: 'waits for the present: do not combine it with a version or a moment',
  });

export type AsOf = z.infer<typeof asOfQuery>;

/** Returns the read options for the store, or undefined for the present. */
export function readOptionsOf({
  version,
  at,
}: Pick<AsOf, 'version' | 'at'>): { toVersion: bigint } | { at: Date } | undefined {
  if (version !== undefined) return { toVersion: BigInt(version) };
  return at === undefined ? undefined : { at: new Date(at) };
}

export interface HistoryQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The name of the query field that has the cursor. */
  readonly field?: string;
  /** The first version, without a cursor. The default is 1. */
  readonly from?: number | undefined;
  /** Reads the stream as of a version or a moment. */
  readonly asOf?: Pick<ReadOptions, 'toVersion' | 'at'> | undefined;
}

/** Reads a page of a stream's events. The cursor is the version of the last one. */
export async function historyOf(
  database: Queryable,
  store: EventStore,
  stream: string,
  { limit, cursor, field, from = 1, asOf }: HistoryQuery,
): Promise<Page<HistoryItem>> {
  const after = decodeCursor(cursor, z.number().int().min(0), field) ?? from - 1;
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
