import { lastUnitOfWork, type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { AppendOptions, RecordedEvent, StreamAppend } from '../event-store.ts';
import { AppendQueue } from './append-queue.ts';
import { assertAppends, type AppendSettings } from './append.ts';
import type { NewEvent } from './new-event.ts';
import type { PostgresEventStore } from './postgres-event-store.ts';
import { partsToSeal, type SealPart } from './seal-parts.ts';
import { toStoredFields } from './stored-event.ts';

/** Appends to one stream in a transaction of its own. */
export type AppendAlone = (append: StreamAppend, options: AppendOptions) => Promise<readonly RecordedEvent[]>;

/**
 * Returns an append for callers that write nothing else in their transaction. What they append at
 * the same time is written with one statement, while each gets its own result: a conflict or a
 * refused event fails nobody else. Rejects as `append` does, and with `append_queue_full` if too many
 * appends wait (`waitingAppendsMax`). After a lost connection it is unknown what has been written, so
 * pass `once` if the call may be repeated.
 *
 * An append with `once`, without events, or with an event that an inline projection follows has a
 * transaction of its own.
 */
export function coalescedAppends(database: SqlDatabase, store: PostgresEventStore): AppendAlone {
  const queue = new AppendQueue(database);
  return async (append, options) => {
    if (!isBare(append, options, store.settings))
      return database.transaction((transaction) =>
        lastUnitOfWork(transaction, () => store.append(transaction, [append], options)),
      );
    assertAppends([append], store.settings.limits);
    const sealPart = await partsToSeal(append.events, store.settings.holder);
    const { metadata, now: recordedAt } = options;
    return queue.append({
      ...append,
      events: newEvents(append, options, store.settings, sealPart),
      metadata,
      recordedAt,
    });
  };
}

const isBare = ({ events }: StreamAppend, { once }: AppendOptions, { inline }: AppendSettings): boolean =>
  once !== true &&
  events.length > 0 &&
  !inline.some(({ eventTypes }) => events.some(({ type }) => eventTypes.includes(type)));

const newEvents = (
  { stream, events }: StreamAppend,
  { metadata, newId, now: recordedAt }: AppendOptions,
  { catalog, limits }: AppendSettings,
  sealPart: SealPart,
): readonly NewEvent[] =>
  events.map((event) => {
    const id = newId();
    const schemaVersion = catalog.versionOfNew(event.type);
    return {
      stored: sealPart(id, event, toStoredFields(event, limits.eventBytesMax)),
      recorded: { id, stream, version: 0n, event, schemaVersion, metadata, recordedAt },
    };
  });
