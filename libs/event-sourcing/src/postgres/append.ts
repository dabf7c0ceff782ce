import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { EventStoreError, WrongExpectedVersionError } from '../errors.ts';
import type { AppendOptions, ExpectedVersion, RecordedEvent, StreamAppend } from '../event-store.ts';
import type { EventStoreLimits } from '../limits.ts';
import { APPEND_EVENTS, WRONG_EXPECTED_VERSION_SQLSTATE } from './append.sql.ts';
import { toStoredFields } from './stored-event.ts';
import { assertStreamId } from './stream-id.ts';

/** Upcasters come later; until then every event is written in the first version of its schema. */
const SCHEMA_VERSION = 1;

type NewEvent = Omit<RecordedEvent, 'version' | 'position'>;

/** One call of the SQL function `append_events`. Nothing is sent for nothing to check and nothing to write. */
export async function appendToStreams(
  transaction: SqlTransaction,
  appends: readonly StreamAppend[],
  options: AppendOptions,
  limits: EventStoreLimits,
): Promise<readonly RecordedEvent[]> {
  assertAppends(appends, limits);
  if (appends.every((append) => append.expected === 'any' && append.events.length === 0)) return [];
  const events = newEvents(appends, options);
  const values = [...streamColumns(appends), ...eventColumns(appends, events, limits), JSON.stringify(options.metadata), options.now];
  const { rows } = await transaction
    .query<{ version: string; position: string }>(APPEND_EVENTS, values)
    .catch((error: unknown) => Promise.reject(asWrongExpectedVersion(error) ?? error));
  return rows.map((row, index) => ({ ...events[index]!, version: BigInt(row.version), position: BigInt(row.position) }));
}

function assertAppends(appends: readonly StreamAppend[], { appendEventsMax }: EventStoreLimits): void {
  appends.forEach((append) => assertStreamId(append.stream));
  if (new Set(appends.map((append) => append.stream)).size < appends.length)
    throw new EventStoreError('stream_named_twice', 'an append names each stream once: put its events into one entry');
  const count = appends.reduce((sum, append) => sum + append.events.length, appends.length);
  if (count > appendEventsMax)
    throw new EventStoreError('append_too_large', `${count} streams and events in one append, at most ${appendEventsMax}: split it`);
}

const newEvents = (appends: readonly StreamAppend[], { metadata, newId, now }: AppendOptions): readonly NewEvent[] =>
  appends.flatMap(({ stream, events }) =>
    events.map((event) => ({ id: newId(), stream, event, schemaVersion: SCHEMA_VERSION, metadata, recordedAt: now })),
  );

const streamColumns = (appends: readonly StreamAppend[]): readonly unknown[] => [
  appends.map((append) => append.stream),
  appends.map((append) => toExpectedNumber(append.expected)),
  appends.map((append) => append.events.length),
];

function eventColumns(appends: readonly StreamAppend[], events: readonly NewEvent[], limits: EventStoreLimits): readonly unknown[] {
  const stored = events.map(({ event }) => toStoredFields(event, limits.eventBytesMax));
  return [
    appends.flatMap((append, index) => append.events.map(() => index + 1)),
    appends.flatMap((append) => append.events.map((_, index) => index + 1)),
    events.map(({ id }) => id),
    events.map(({ event }) => event.type),
    events.map(({ schemaVersion }) => schemaVersion),
    stored.map(({ data }) => data),
    stored.map(({ personal }) => personal),
  ];
}

const toExpectedNumber = (expected: ExpectedVersion): string | null =>
  expected === 'any' ? null : expected === 'none' ? '0' : String(expected);

function asWrongExpectedVersion(error: unknown): WrongExpectedVersionError | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === WRONG_EXPECTED_VERSION_SQLSTATE)) return undefined;
  const { stream, expected, actual } = JSON.parse(String('detail' in error ? error.detail : '')) as Record<
    'stream' | 'expected' | 'actual',
    string
  >;
  return new WrongExpectedVersionError(
    { stream, expected: expected === '0' ? 'none' : BigInt(expected), actual: BigInt(actual) },
    { cause: error },
  );
}
