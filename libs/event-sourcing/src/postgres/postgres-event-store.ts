import type { Holder } from '@millrace/streaming-core/personal';
import { type SqlTransaction, type Queryable } from '@millrace/streaming-core/postgres';
import { defaultSnapshotSettings, DueSnapshots, type SnapshotSettings } from '../snapshots.ts';
import { EventStoreError } from '../errors.ts';
import { eventCatalog, undeclaredEvents, type EventTypes } from '../event-versions.ts';
import type {
  AppendOptions,
  EventStore,
  OpenOptions,
  ReadOptions,
  RecordedEvent,
  StreamAppend,
} from '../event-store.ts';
import { defaultEventStoreLimits, type EventStoreLimits } from '../limits.ts';
import { StateCache, type StateCacheLimits } from '../state-cache.ts';
import { streamsOf, type KnownStream } from '../transaction-streams.ts';
import { appendToStreams, type AppendSettings } from './append.ts';
import { assertDeclared, lockMoreStreams } from './lock-streams.ts';
import { presentEvents, presentUnopened, toRecordedEvent, type EventRow } from './stored-event.ts';
import { readFromSnapshot, readCaused } from './read-events.ts';
import { READ_CORRELATED, READ_STREAM } from './events.sql.ts';

/** The name of the worker that an append wakes after its commit, because streams have grown. */
export const eventFollower = 'event streams';

export interface PostgresEventStoreOptions {
  /**
   * The event types of every domain that uses the store. Reads return each event in its present
   * version, and an append of another type is rejected. Without them, every event is of version 1.
   */
  readonly events?: readonly EventTypes[];
  /**
   * The service that owns the store. Required if an event names a subject. Its personal part is then
   * stored sealed with the key of the holder, bound to the id of the event, and opened by every read.
   */
  readonly holder?: Holder;
  readonly limits?: Partial<EventStoreLimits & StateCacheLimits>;
  /**
   * Settings for deciders that declare snapshots. Snapshots are read in any case, but taken only by
   * a process that runs `createSnapshotTaker`.
   */
  readonly snapshots?: SnapshotSettings;
}

export type PostgresEventStore = EventStore &
  Required<Pick<EventStore, 'states' | 'snapshots'>> & { readonly settings: AppendSettings };

/**
 * The event store on PostgreSQL (17 or newer), with the tables of `eventSourcingMigrations`. All
 * appends of a unit of work take one round trip at its end, however many streams they have. Outside
 * a unit of work, an append is written before it resolves. An append rejects with
 * `EventStoreError`, or with `WrongExpectedVersionError`. For a stream that is not locked, the unit
 * of work rejects with the latter, and its transaction is lost. The fields of events are JSON
 * values.
 */
export function postgresEventStore({
  events,
  holder,
  limits = {},
  snapshots = defaultSnapshotSettings,
}: PostgresEventStoreOptions = {}): PostgresEventStore {
  const bounds = { ...defaultEventStoreLimits, ...limits };
  const catalog = events === undefined ? undeclaredEvents : eventCatalog(events);
  const settings: AppendSettings = { limits: bounds, catalog, holder };
  const present = async (
    transaction: Queryable,
    events: readonly RecordedEvent[],
    { opens = true }: OpenOptions = {},
  ) =>
    opens
      ? presentEvents(events, settings, () => streamsOf(transaction).takeSubjects())
      : presentUnopened(events, settings);
  const caused = async (transaction: SqlTransaction, streams: readonly string[], messageId: string) =>
    present(transaction, await readCaused(transaction, streams, messageId, bounds.searchedEventsMax));
  const earlierAppend = async (
    transaction: SqlTransaction,
    appends: readonly StreamAppend[],
    { metadata: { causationId } }: AppendOptions,
  ) => {
    const streams = appends.map(({ stream }) => stream);
    const own = await lockForSearch(transaction, streams);
    const unwritten = own.filter(({ metadata }) => metadata.causationId === causationId);
    return [...(await caused(transaction, streams, causationId)), ...unwritten];
  };
  return {
    settings,
    states: new StateCache(limits),
    snapshots: {
      due: new DueSnapshots(snapshots),
      async read(transaction, stream, options) {
        const found = await readFromSnapshot(transaction, stream, options);
        return { ...found, events: await present(transaction, found.events) };
      },
    },
    append: (transaction: SqlTransaction, appends: readonly StreamAppend[], options: AppendOptions) =>
      transaction.unitOfWork(async () => {
        const earlier = options.once === true ? await earlierAppend(transaction, appends, options) : [];
        if (earlier.length > 0) return earlier;
        const recorded = await appendToStreams(transaction, appends, options, settings);
        transaction.wakeAfterCommit(eventFollower);
        return recorded;
      }),
    read: async (transaction, stream, options = {}) =>
      present(transaction, await readStream(transaction, stream, options, bounds), options),
    readCaused: caused,
    async readCorrelated(transaction, correlationId, { limit, ...options }) {
      type Row = EventRow & { readonly stream: string };
      const { rows } = await transaction.query<Row>(READ_CORRELATED, [correlationId, limit]);
      const found = rows.map((row) => toRecordedEvent(row.stream, row));
      return present(transaction, found, options);
    },
  };
}

/**
 * Locks the streams, so that no other transaction can add to them after the search, and returns
 * what this transaction has appended to them itself.
 */
async function lockForSearch(
  transaction: SqlTransaction,
  streams: readonly string[],
): Promise<readonly RecordedEvent[]> {
  assertDeclared(transaction, streams);
  const ownOf = (stream: string) => streamsOf(transaction).find(stream)?.own ?? [];
  await lockMoreStreams(
    transaction,
    streams.filter((stream) => ownOf(stream).length === 0),
  );
  return streams.flatMap(ownOf);
}

/**
 * Reads from memory if the transaction has loaded the stream with its lock, otherwise from the
 * database. Events of the transaction that are not written yet follow the stored ones.
 */
async function readStream(
  transaction: Queryable,
  stream: string,
  options: ReadOptions,
  { readEventsMax }: EventStoreLimits,
): Promise<readonly RecordedEvent[]> {
  const { fromVersion = 1n, toVersion, limit } = options;
  const eventsMax = limit === undefined ? readEventsMax + 1 : Math.min(limit, readEventsMax);
  const known = options.at === undefined ? streamsOf(transaction).find(stream) : undefined;
  const stored =
    loadedFrom(known, fromVersion) ?? (await readStored(transaction, stream, options, eventsMax));
  const wanted = [...stored, ...(known?.own ?? [])].filter(
    ({ version }) => version >= fromVersion && (toVersion === undefined || version <= toVersion),
  );
  const events = known === undefined ? stored : wanted.slice(0, eventsMax);
  if (events.length > readEventsMax)
    throw new EventStoreError(
      'stream_too_long',
      `stream ${stream} has more than ${readEventsMax} events: read it in pages with a limit`,
    );
  return events;
}

const loadedFrom = (
  known: KnownStream | undefined,
  fromVersion: bigint,
): readonly RecordedEvent[] | undefined =>
  known?.loaded !== undefined && known.loaded.from <= fromVersion ? known.loaded.events : undefined;

/** Reads events from the database, without those that the transaction has appended itself. */
async function readStored(
  transaction: Queryable,
  stream: string,
  { fromVersion = 1n, toVersion, at }: ReadOptions,
  eventsMax: number,
): Promise<readonly RecordedEvent[]> {
  const known = at === undefined ? streamsOf(transaction).find(stream) : undefined;
  const last =
    known !== undefined && (toVersion === undefined || known.stored < toVersion) ? known.stored : toVersion;
  if (last !== undefined && last < fromVersion) return [];
  const values = [
    stream,
    String(fromVersion),
    last === undefined ? null : String(last),
    at ?? null,
    eventsMax,
  ];
  const { rows } = await transaction.query<EventRow>(READ_STREAM, values);
  return rows.map((row) => toRecordedEvent(stream, row));
}
