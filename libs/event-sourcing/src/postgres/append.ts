import { type SqlTransaction, writeRanks, type CollectedWrite } from '@millrace/streaming-core/postgres';
import { EventStoreError, WrongExpectedVersionError } from '../errors.ts';
import type {
  AppendOptions,
  ExpectedVersion,
  RecordedEvent,
  StreamAppend,
  EventMetadata,
} from '../event-store.ts';
import type { EventStoreLimits } from '../limits.ts';
import { streamsOf, versionOf, type KnownStream } from '../transaction-streams.ts';
import { assertDeclared, assertStreamId, lockVersions } from './lock-streams.ts';
import { type EventReading, partsToSeal, toStoredFields, type StoredFields } from './stored-event.ts';
import { APPEND_TO_STREAM, RECORD_EVENTS } from './events.sql.ts';

/** The settings of a store for its appends and reads. */
export interface AppendSettings extends EventReading {
  readonly limits: EventStoreLimits;
}

/**
 * Gives the events their versions and collects them for the transaction's unit of work. The
 * versions of locked streams are known, so a wrong expectation about one fails here; the write
 * checks the other streams. If there is nothing to check or to write, nothing is sent.
 */
export async function appendToStreams(
  transaction: SqlTransaction,
  appends: readonly StreamAppend[],
  options: AppendOptions,
  { limits, catalog, holder }: AppendSettings,
): Promise<readonly RecordedEvent[]> {
  assertAppends(appends, limits);
  const wanted = appends.filter(({ expected, events }) => expected !== 'any' || events.length > 0);
  assertDeclared(
    transaction,
    wanted.map(({ stream }) => stream),
  );
  const forms = wanted.map(({ events }) =>
    events.map((event) => {
      const form = catalog.toStored(event);
      return { ...form, fields: toStoredFields(form.event, limits.eventBytesMax) };
    }),
  );
  const sealPart = await partsToSeal(
    forms.flatMap((ofStream) => ofStream.map(({ event }) => event)),
    holder,
  );
  const streams = streamsOf(transaction);
  for (const append of wanted) refuseWrongVersion(append, streams.find(append.stream));
  await knowVersions(transaction, wanted);
  const additions = wanted.map(({ stream, events }, index): NewEvents => {
    const known = streams.find(stream)!;
    const expected = versionOf(known);
    const { metadata, newId, now: recordedAt } = options;
    const added = events.map((event, number): NewEvent => {
      const version = expected + BigInt(number + 1);
      const form = forms[index]![number]!;
      const id = newId();
      const schemaVersion = catalog.versionOfNew(event.type);
      const recorded = { id, stream, version, event, schemaVersion, metadata, recordedAt };
      const stored = sealPart(id, form.event, form.fields);
      return { recorded, stored, storedVersion: form.schemaVersion };
    });
    known.own.push(...added.map(({ recorded }) => recorded));
    return { stream, expected, events: added, metadata, recordedAt };
  });
  await transaction.collect(recordEvents, additions);
  return additions.flatMap((addition) => addition.events.map(({ recorded }) => recorded));
}

function assertAppends(appends: readonly StreamAppend[], { appendEventsMax }: EventStoreLimits): void {
  appends.forEach((append) => assertStreamId(append.stream));
  if (new Set(appends.map((append) => append.stream)).size < appends.length)
    throw new EventStoreError(
      'stream_named_twice',
      'an append names a stream twice: put all events of the stream into one entry',
    );
  const count = appends.reduce((sum, append) => sum + append.events.length, appends.length);
  if (count > appendEventsMax)
    throw new EventStoreError(
      'append_too_large',
      `an append has ${count} streams and events, at most ${appendEventsMax} are allowed: split it`,
    );
}

/**
 * Trusts each expected version until the write checks it. Locks the other streams and reads their
 * versions.
 */
async function knowVersions(transaction: SqlTransaction, appends: readonly StreamAppend[]): Promise<void> {
  const streams = streamsOf(transaction);
  const unknown = appends.filter(({ stream }) => streams.find(stream) === undefined);
  const open = unknown.filter(({ expected }) => expected === 'any').map(({ stream }) => stream);
  const asked = open.length === 0 ? undefined : await lockVersions(transaction, open);
  for (const { stream, expected } of unknown)
    streams.know(stream, {
      locked: false,
      stored: expected === 'any' ? (asked?.get(stream) ?? 0n) : toNumber(expected),
    });
}

function refuseWrongVersion({ stream, expected }: StreamAppend, known: KnownStream | undefined): void {
  if (known === undefined || expected === 'any') return;
  const actual = versionOf(known);
  if (toNumber(expected) !== actual) throw new WrongExpectedVersionError({ stream, expected, actual });
}

const toNumber = (expected: Exclude<ExpectedVersion, 'any'>): bigint => (expected === 'none' ? 0n : expected);

/** An event that is about to be written. */
interface NewEvent {
  /** The event in its present version, as the transaction goes on with it. */
  readonly recorded: RecordedEvent;
  readonly stored: StoredFields;
  /** The version of `stored`, which may be the one before. */
  readonly storedVersion: number;
}

/** The arguments that all events of one append have in common. */
interface SharedByEvents {
  readonly metadata: EventMetadata;
  readonly recordedAt: Date;
}

/** The arguments from `event_ids` to `event_personal`, which all SQL functions that write events have. */
const columnsOf = (events: readonly NewEvent[]): readonly unknown[] => [
  events.map(({ recorded }) => recorded.id),
  events.map(({ recorded }) => recorded.event.type),
  events.map(({ storedVersion }) => storedVersion),
  events.map(({ stored }) => stored.data),
  events.map(({ stored }) => stored.personal),
];

interface OneStream extends SharedByEvents {
  readonly stream: string;
  readonly expected: string;
  readonly events: readonly NewEvent[];
}

/** The parameters of `append_to_stream`. */
const oneStreamValues = ({
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

/** The events that one append adds to one stream. */
interface NewEvents extends SharedByEvents {
  readonly stream: string;
  /** The stream's version before the append. */
  readonly expected: bigint;
  readonly events: readonly NewEvent[];
}

/** Calls one SQL function: the cheap one if it fits, otherwise the one for any number of streams. */
const recordEvents: CollectedWrite<NewEvents> = {
  rank: writeRanks.events,
  async write(transaction, additions) {
    const byStream = groupByStream(additions);
    const { text, values } = statementOf(additions, byStream);
    const recorded = async () => {
      await transaction
        .query(text, values)
        .catch((error: unknown) => Promise.reject(asWrongExpectedVersion(error) ?? error));
      for (const [stream] of byStream) streamsOf(transaction).written(stream);
    };
    return { answers: recorded() };
  },
};

type AdditionsByStream = ReadonlyArray<readonly [string, readonly NewEvents[]]>;

function groupByStream(additions: readonly NewEvents[]): AdditionsByStream {
  const groups = new Map<string, NewEvents[]>();
  for (const addition of additions) {
    const group = groups.get(addition.stream);
    if (group === undefined) groups.set(addition.stream, [addition]);
    else group.push(addition);
  }
  return [...groups];
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

function statementOf(additions: readonly NewEvents[], byStream: AdditionsByStream): Statement {
  const [only, ...others] = additions;
  if (only !== undefined && others.length === 0)
    return { text: APPEND_TO_STREAM, values: oneStreamValues({ ...only, expected: String(only.expected) }) };
  const events = additions.flatMap((addition) => addition.events);
  return { text: RECORD_EVENTS, values: [...streamColumns(byStream), ...eventColumns(byStream, events)] };
}

const streamColumns = (byStream: AdditionsByStream): readonly unknown[] => [
  byStream.map(([stream]) => stream),
  byStream.map(([, [first]]) => String(first?.expected ?? 0n)),
  byStream.map(([, additions]) => additions.reduce((sum, { events }) => sum + events.length, 0)),
];

function eventColumns(byStream: AdditionsByStream, events: readonly NewEvent[]): readonly unknown[] {
  const numbers = new Map(byStream.map(([stream], index) => [stream, index + 1]));
  return [
    events.map(({ recorded }) => numbers.get(recorded.stream)),
    events.map(({ recorded }) => String(recorded.version)),
    ...columnsOf(events),
    events.map(({ recorded }) => JSON.stringify(recorded.metadata)),
    events.map(({ recorded }) => recorded.recordedAt),
  ];
}

/** The SQLSTATE that the functions raise for a wrong expected version. */
const wrongExpectedVersionState = 'MR001';

/** Reads the error's detail. Returns undefined for an error of another kind. */
function asWrongExpectedVersion(error: unknown): WrongExpectedVersionError | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === wrongExpectedVersionState))
    return undefined;
  const { stream, expected, actual } = JSON.parse(String('detail' in error ? error.detail : '')) as Record<
    'stream' | 'expected' | 'actual',
    string
  >;
  return new WrongExpectedVersionError(
    { stream, expected: expected === '0' ? 'none' : BigInt(expected), actual: BigInt(actual) },
    { cause: error },
  );
}
