import type { EventMetadata, RecordedEvent } from '../event-store.ts';
import type { StoredFields } from './stored-event.ts';

/** An event that is about to be written. */
export interface NewEvent {
  readonly recorded: RecordedEvent;
  readonly stored: StoredFields;
}

/** The arguments that all events of one append have in common. */
export interface SharedByEvents {
  readonly metadata: EventMetadata;
  readonly recordedAt: Date;
}

/** The arguments from `event_ids` to `event_personal`, which all SQL functions that write events have. */
export const columnsOf = (events: readonly NewEvent[]): readonly unknown[] => [
  events.map(({ recorded }) => recorded.id),
  events.map(({ recorded }) => recorded.event.type),
  events.map(({ recorded }) => recorded.schemaVersion),
  events.map(({ stored }) => stored.data),
  events.map(({ stored }) => stored.personal),
];

export interface OneStream extends SharedByEvents {
  readonly stream: string;
  readonly expected: string;
  readonly events: readonly NewEvent[];
}

/** The parameters of `append_to_stream`. */
export const oneStreamValues = ({
  stream,
  expected,
  events,
  metadata,
  recordedAt,
}: OneStream): readonly unknown[] => [
  stream,
  expected,
  ...columnsOf(events),
  JSON.stringify(metadata),
  recordedAt,
];
