import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import {
  decisionOf,
  isRejected,
  type Decider,
  type Decision,
  type DomainEvent,
  type Rejected,
  type VersionedState,
  type AnyFolding,
  type Folding,
} from './decider.ts';
import { EventStoreError } from './errors.ts';
import type { EventStore, RecordedEvent } from './event-store.ts';
import { answerFoldEventsMax } from './limits.ts';
import { assertDeclared, lockMoreStreams } from './postgres/lock-streams.ts';
import type { EventInState } from './projection.ts';
import { record, type Recorded, type Recorder, type Recording } from './recorder.ts';
import { retryingTransaction, type RetryOptions } from './retrying-transaction.ts';
import { loadState } from './state.ts';

/**
 * Loads the stream, decides and records, in the caller's transaction. A rejection writes nothing.
 * If another transaction has written to the stream since it was loaded, this call rejects with
 * `WrongExpectedVersionError`, or the unit of work that it belongs to does.
 */
export async function decideAndRecord<Command, Event extends DomainEvent, State, Code extends string, Call>(
  recording: Recording<Call>,
  decider: Decider<Command, Event, State, Code, Call>,
  stream: string,
  command: Command,
): Promise<Recorded<Event, State> | Rejected<Code>> {
  const { transaction, recorder } = recording;
  const before = await loadState(transaction, recorder.store, decider, stream);
  const outcome = decider.decide(command, before.state);
  if (isRejected(outcome)) return outcome;
  const { events, ...decision } = decisionOf(outcome);
  const [recorded] = await record(recording, [{ stream, decider, before, events }], decision);
  return recorded as Recorded<Event, State>;
}

/**
 * The events of a decision, by the names of their streams. The compiler rejects a name that is not
 * among the streams.
 */
export type DecisionAcross<Streams extends StreamSet, Call> = Decision<EventsOf<Streams>, Call>;

/** `unknown` if a decision adds only to streams of the set, otherwise `never`. */
export type OnlyIn<Streams extends StreamSet, Outcome> = Outcome extends { readonly events: infer Events }
  ? Exclude<keyof Events, keyof Streams> extends never
    ? unknown
    : never
  : unknown;

/**
 * Decides over several streams: loads all of them, decides once, and appends to each at the version
 * that was loaded, all or nothing. The decision takes effect only if none of the streams has
 * changed since.
 */
export async function decideAcross<
  Streams extends StreamSet,
  Call,
  Outcome extends DecisionAcross<Streams, Call> | Rejected,
>(
  recording: Recording<Call>,
  streams: Streams,
  decide: (states: StatesOf<Streams>) => Outcome & OnlyIn<Streams, Outcome>,
): Promise<RecordedIn<Streams> | Extract<Outcome, Rejected>> {
  const loaded = await loadAll(recording.transaction, recording.recorder.store, streams);
  const states = inShapeOf(streams, (stream) => loaded.get(stream)?.before.state);
  const outcome: DecisionAcross<StreamSet, Call> | Rejected = decide(states as StatesOf<Streams>);
  if (isRejected(outcome)) return outcome as Extract<Outcome, Rejected>;
  const { events, ...decision } = outcome;
  refuseUnknownIds(streams, events);
  const additions = [...loaded.values()].map(({ named, before }) => ({
    stream: named.stream,
    decider: named.decider,
    before,
    events: eventsFor(named, events),
  }));
  const recorded = await record(recording, additions, decision);
  const byStream = new Map(additions.map(({ stream }, index) => [stream, recorded[index]]));
  return inShapeOf(streams, (stream) => byStream.get(stream)) as RecordedIn<Streams>;
}

interface LoadedStream {
  readonly named: NamedStream;
  readonly before: VersionedState<unknown>;
}

async function loadAll(
  transaction: SqlTransaction,
  store: EventStore,
  streams: StreamSet,
): Promise<ReadonlyMap<string, LoadedStream>> {
  const loaded = new Map<string, LoadedStream>();
  for (const named of streamsIn(streams)) {
    const { stream, decider } = named;
    if (loaded.has(stream))
      throw new EventStoreError(
        'stream_named_twice',
        `stream ${stream} is named twice: a decision may name each stream only once`,
      );
    loaded.set(stream, { named, before: await loadState(transaction, store, decider, stream) });
  }
  return loaded;
}

function eventsFor({ name, id }: NamedStream, events: EventsOf<StreamSet>): readonly DomainEvent[] {
  const added = events[name] as
    readonly DomainEvent[] | ReadonlyMap<string | undefined, readonly DomainEvent[]>;
  return (added instanceof Map ? added.get(id) : added) ?? [];
}

/**
 * The compiler checks the names of a decision's streams. The ids below a name are known only at run
 * time.
 */
function refuseUnknownIds(streams: StreamSet, events: EventsOf<StreamSet>): void {
  for (const [name, added] of Object.entries(events)) {
    const known = streams[name]?.[1];
    const ids = added instanceof Map ? [...added.keys()] : [];
    const unknown = ids.find((id) => !(known instanceof Map && known.has(id)));
    if (unknown !== undefined)
      throw new EventStoreError(
        'stream_not_loaded',
        `the decision adds events to ${name} ${unknown}, which is not among its streams: load that stream as well`,
      );
  }
}

/**
 * Opens a transaction and decides in it, for callers that have none, such as an HTTP handler. The
 * first attempt is optimistic. After a conflict, the streams are locked before they are loaded, so
 * a later attempt can fail only because of a deadlock, a serialization failure or a conflict on
 * another stream. Rejects with the last error.
 */
export const optimisticTransaction = <Result>(
  database: SqlDatabase,
  streams: readonly string[],
  work: (transaction: SqlTransaction) => Promise<Result>,
  options: RetryOptions = {},
): Promise<Result> =>
  retryingTransaction(
    database,
    async (transaction, attempt) => {
      if (attempt > 1) await lockMoreStreams(transaction, streams);
      return transaction.lastUnitOfWork(() => work(transaction));
    },
    options,
  );

/**
 * The streams of one decision, by the names that the decision gives them. Each name has a decider,
 * and has either one stream, or several of the same kind by ids of the domain.
 *
 *     {
 *       reservation: [reservation, 'reservation-17'],
 *       stock: [stock, new Map([['lamp', 'stock-lamp']])],
 *     }
 */
export type StreamSet = Readonly<Record<string, readonly [AnyFolding, StreamOrStreams]>>;

type StreamOrStreams = string | ReadonlyMap<string, string>;

/** One value for a single stream, or one for each id of several streams. */
type Each<Streams, One> = Streams extends string ? One : ReadonlyMap<string, One>;

type EventOf<F> = F extends Folding<infer Event extends DomainEvent, unknown> ? Event : never;
type StateOf<F> = F extends {
  readonly initialState: unknown;
  evolve(state: infer State, event: never): unknown;
}
  ? State
  : never;

/** The states that a decision over several streams sees. */
export type StatesOf<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]: Each<Streams[Name][1], StateOf<Streams[Name][0]>>;
};

/** The events that the decision may add to each stream. */
export type EventsOf<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]?: Each<Streams[Name][1], readonly EventOf<Streams[Name][0]>[]>;
};

/** Each stream after the decision. */
export type RecordedIn<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]: Each<
    Streams[Name][1],
    Recorded<EventOf<Streams[Name][0]>, StateOf<Streams[Name][0]>>
  >;
};

/** One stream of a set. It has an `id` if its name stands for several streams. */
export interface NamedStream {
  readonly name: string;
  readonly id?: string;
  readonly stream: string;
  readonly decider: AnyFolding;
}

const streamsIn = (streams: StreamSet): readonly NamedStream[] =>
  Object.entries(streams).flatMap(([name, [decider, where]]): NamedStream[] =>
    typeof where === 'string'
      ? [{ name, stream: where, decider }]
      : [...where].map(([id, stream]) => ({ name, id, stream, decider })),
  );

/** Returns the ids of all streams of a set, which a handler has to lock. */
export const streamIds = (streams: StreamSet): readonly string[] =>
  streamsIn(streams).map(({ stream }) => stream);

/** Builds an object in the shape of the set, with a value for each stream. */
const inShapeOf = <Value>(
  streams: StreamSet,
  valueOf: (stream: string) => Value,
): Readonly<Record<string, Value | ReadonlyMap<string, Value>>> =>
  Object.fromEntries(
    Object.entries(streams).map(([name, [, where]]) => [
      name,
      typeof where === 'string'
        ? valueOf(where)
        : new Map([...where].map(([id, stream]) => [id, valueOf(stream)])),
    ]),
  );

/**
 * Stands in for the decider of a stream whose public messages do not depend on its state. The
 * answer can then be repeated from a stream of any length, because nothing is folded.
 */
export const withoutState: AnyFolding = Object.freeze({ initialState: undefined, evolve: () => undefined });

/**
 * Publishes the answer to a command again: the messages of those events in these streams that the
 * command has caused. They have the same ids, content, time and causation as the first time, so
 * every inbox takes them once. Publishes nothing while there is no answer, for instance while an
 * external call is open. The caller must hold the locks of the streams.
 *
 * Returns the streams whose answer is not repeated because it comes after their first 20,000
 * events, which would all have to be folded.
 */
export async function repeatAnswer<Call>(
  transaction: SqlTransaction,
  { store, publish }: Pick<Recorder<Call>, 'store' | 'publish'>,
  streams: StreamSet,
  commandId: string,
): Promise<readonly string[]> {
  const named = new Map(streamsIn(streams).map((each) => [each.stream, each]));
  const ids = [...named.keys()];
  assertDeclared(transaction, ids);
  const answers: EventInState[] = [];
  const outOfReach = new Set<string>();
  for (const recorded of await store.readCaused(transaction, ids, commandId)) {
    const { decider } = named.get(recorded.stream) as NamedStream;
    if (decider === withoutState) answers.push({ recorded, state: undefined });
    else if (recorded.version > answerFoldEventsMax) outOfReach.add(recorded.stream);
    else answers.push({ recorded, state: await stateAfter(recorded, decider) });
  }
  if (answers.length > 0) await publish?.(transaction, answers);
  return [...outOfReach];

  async function stateAfter({ stream, version }: RecordedEvent, decider: AnyFolding): Promise<unknown> {
    return (await loadState(transaction, store, decider, stream, { toVersion: version })).state;
  }
}
