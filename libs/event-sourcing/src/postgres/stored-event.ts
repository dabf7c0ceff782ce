import type { SqlRow } from '@millrace/streaming-core/postgres';
import { erased, type Holder } from '@millrace/streaming-core/personal';
import type { DomainEvent } from '../decider.ts';
import { EventStoreError } from '../errors.ts';
import type { EventMetadata, RecordedEvent } from '../event-store.ts';
import type { EventCatalog } from '../event-versions.ts';
import { required, sealedPartOf, subjectOf } from '../personal-parts.ts';

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

/** The parts that turn a stored event into one that the domains know. */
export interface EventReading {
  readonly catalog: EventCatalog;
  /** The service that owns the store, and whose keys open its events. */
  readonly holder?: Holder;
}

/** Brings stored events into their present versions, and asks for no keys: sealed parts count as erased. */
export const presentUnopened = (
  stored: readonly RecordedEvent[],
  { catalog }: EventReading,
): readonly RecordedEvent[] =>
  stored.map((recorded) => {
    const { event } = recorded;
    return catalog.toPresent(
      sealedPartOf(event) === undefined ? recorded : { ...recorded, event: { ...event, personal: erased } },
    );
  });

/**
 * Opens the personal parts of stored events, and brings the events into their present versions. An
 * erased part becomes `{ erased: true }`. `others` returns subjects whose keys may be needed
 * soon. They are loaded with the same statement. Nothing is loaded if no part is sealed.
 */
export async function presentEvents(
  stored: readonly RecordedEvent[],
  { catalog, holder: owner }: EventReading,
  others: () => Iterable<string> = () => [],
): Promise<readonly RecordedEvent[]> {
  const sealed = stored.find(({ event }) => sealedPartOf(event) !== undefined);
  if (sealed === undefined) return stored.map(catalog.toPresent);
  const { personalData, name: holder } = required(owner, sealed.event);
  const subjects = new Set(others());
  for (const { event } of stored) {
    const part = sealedPartOf(event);
    if (part !== undefined) subjects.add(part.subject);
  }
  const keys = await personalData.keysToOpen([...subjects].map((subject) => ({ holder, subject })));
  return stored.map((recorded) => {
    const { id, event } = recorded;
    const part = sealedPartOf(event);
    if (part === undefined) return catalog.toPresent(recorded);
    const personal = keys.open(holder, id, part) as typeof event.personal;
    return catalog.toPresent({ ...recorded, event: { ...event, personal } });
  });
}

/** Returns what is stored of an event with this id. */
type SealPart = (id: string, event: DomainEvent, fields: StoredFields) => StoredFields;

const leavePart: SealPart = (_id, _event, fields) => fields;

/**
 * Loads the keys for events that will be appended. Sends nothing if no event names a subject, and
 * one or two statements to the database of the keys otherwise.
 */
export async function partsToSeal(
  events: readonly DomainEvent[],
  owner: Holder | undefined,
): Promise<SealPart> {
  const named = events.filter((event) => subjectOf(event) !== undefined);
  const [first] = named;
  if (first === undefined) return leavePart;
  const { personalData, name: holder } = required(owner, first);
  const subjects = new Set(named.map((event) => subjectOf(event)!));
  const keys = await personalData.keysToSeal([...subjects].map((subject) => ({ holder, subject })));
  return (id, event, fields) => {
    const subject = subjectOf(event);
    if (subject === undefined) return fields;
    return { ...fields, personal: JSON.stringify(keys.seal({ holder, subject }, id, event.personal)) };
  };
}
