import type { SqlRow } from '@millrace/streaming-core/postgres';
import type { DomainEvent } from '../decider.ts';
import { EventStoreError } from '../errors.ts';
import type { EventMetadata, RecordedEvent } from '../event-store.ts';

/** An event row as the driver returns it, with bigints as strings. */
export interface EventRow extends SqlRow {
  readonly id: string;
  readonly version: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: Record<string, unknown>;
  readonly personal: Record<string, unknown> | null;
  readonly metadata: EventMetadata;
  readonly recorded_at: Date;
}

/** The two JSON columns of an event. */
export interface StoredFields {
  readonly data: string;
  readonly personal: string | null;
}

/**
 * Matches NUL and lone surrogates, which are valid JSON but which jsonb cannot store.
 * JSON.stringify always escapes both.
 */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Separates `type` and `personal` from the other fields. */
export function toStoredFields(event: DomainEvent, eventBytesMax: number): StoredFields {
  const { type, personal, ...fields } = event;
  const stored = {
    data: JSON.stringify(fields),
    personal: personal === undefined ? null : JSON.stringify(personal),
  };
  if (unstorable.test(stored.data) || (stored.personal !== null && unstorable.test(stored.personal)))
    throw new EventStoreError(
      'event_not_storable',
      `${type} has text with a NUL or half a surrogate pair: reject such input where it is received`,
    );
  const bytes =
    Buffer.byteLength(stored.data) + (stored.personal === null ? 0 : Buffer.byteLength(stored.personal));
  if (bytes > eventBytesMax)
    throw new EventStoreError(
      'event_too_large',
      `${type} has ${bytes} bytes, at most ${eventBytesMax} are allowed: store less in one event`,
    );
  return stored;
}

export const toRecordedEvent = (stream: string, row: EventRow): RecordedEvent => ({
  id: row.id,
  stream,
  version: BigInt(row.version),
  event: { ...row.data, type: row.type, ...(row.personal === null ? {} : { personal: row.personal }) },
  schemaVersion: row.schema_version,
  metadata: row.metadata,
  recordedAt: row.recorded_at,
});
