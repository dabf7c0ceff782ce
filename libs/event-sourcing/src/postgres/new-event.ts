import type { RecordedEvent } from '../event-store.ts';
import type { StoredFields } from './stored-event.ts';

/** An event that is about to be written. */
export interface NewEvent {
  readonly recorded: RecordedEvent;
  readonly stored: StoredFields;
}

/** The arguments from `event_ids` on, which all SQL functions that write events have in common. */
export const columnsOf = (events: readonly NewEvent[]): readonly unknown[] => [
  events.map(({ recorded }) => recorded.id),
  events.map(({ recorded }) => recorded.event.type),
  events.map(({ recorded }) => recorded.schemaVersion),
  events.map(({ stored }) => stored.data),
  events.map(({ stored }) => stored.personal),
  events.map(({ recorded }) => JSON.stringify(recorded.metadata)),
  events.map(({ recorded }) => recorded.recordedAt),
];
