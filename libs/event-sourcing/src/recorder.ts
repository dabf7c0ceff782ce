import { requestExternalCall, type ExternalCall } from '@millrace/streaming-core/external-calls';
import type { Holder } from '@millrace/streaming-core/personal';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { Decision, DomainEvent, AnyFolding, VersionedState } from './decider.ts';
import type { AppendOptions, EventMetadata, EventStore, RecordedEvent } from './event-store.ts';
import type { EventInState, InlineProjections, Publish } from './projection.ts';
import { streamsOf } from './transaction-streams.ts';
import { answerFoldEventsMax } from './limits.ts';
import { assertDeclared } from './postgres/lock-streams.ts';
import { loadState } from './state.ts';
import { streamsIn, type NamedStream, type StreamSet } from './decide-and-record.ts';

/** The store that records decisions, and what else happens in the same transaction. */
export interface Recorder<Call = never> {
  readonly store: EventStore;
  readonly projections?: InlineProjections;
  /** Publishes messages about events. Without it, nothing is published. */
  readonly publish?: Publish;
  /** Starts the sagas that begin with one of the published messages, in their transaction. */
  readonly startSagas?: (transaction: SqlTransaction, messages: readonly OutboxMessage[]) => Promise<void>;
  /**
   * Returns the worker, the key and the payload of a call that the domain requests. Required if the
   * domain requests calls.
   */
  readonly externalCall?: (call: Call) => CallIntent;
  /** Seals the payloads of calls that name a subject. */
  readonly holder?: Holder;
}

/** The worker that makes a call, its key and its payload. The metadata come from the decision. */
export type CallIntent = Omit<ExternalCall, 'metadata'>;

/** A stream after a decision; `events` is empty when there was nothing to do. */
export interface Recorded<Event extends DomainEvent, State> extends VersionedState<State> {
  readonly events: readonly RecordedEvent<Event>[];
}

/** The events that a decision adds to one of its streams. */
interface Addition {
  readonly stream: string;
  readonly decider: AnyFolding;
  /** The state and version that the decision was made from. */
  readonly before: VersionedState<unknown>;
  readonly events: readonly DomainEvent[];
}

export interface Recording<Call> extends AppendOptions {
  readonly transaction: SqlTransaction;
  readonly recorder: Recorder<Call>;
}

/**
 * Records a decision: appends to each stream at the version that was loaded, and does everything
 * that follows from the events in the same unit of work, which writes all of it together. The write
 * also checks the versions of streams that were loaded without their locks, even if nothing is added
 * to them.
 */
export function record<Call>(
  { transaction, recorder, metadata, newId, now }: Recording<Call>,
  additions: readonly Addition[],
  { calls = [], answers }: Pick<Decision<unknown, Call>, 'calls' | 'answers'>,
): Promise<readonly Recorded<DomainEvent, unknown>[]> {
  const story = answers === undefined ? metadata : { ...metadata, causationId: answers };
  return transaction.unitOfWork(async () => {
    const recorded = await append(transaction, recorder.store, additions, { metadata: story, newId, now });
    const steps = additions.map((addition) => statesAfter(addition, recorded));
    await recorder.projections?.apply(transaction, recorded);
    const messages = (await recorder.publish?.(transaction, steps.flat())) ?? [];
    await recorder.startSagas?.(transaction, messages);
    await requestCalls(transaction, recorder, calls, story);
    return additions.map(({ before }, index) => stateAfter(before, steps[index] ?? []));
  });
}

async function append(
  transaction: SqlTransaction,
  store: EventStore,
  additions: readonly Addition[],
  options: AppendOptions,
): Promise<readonly RecordedEvent[]> {
  if (additions.every(({ events }) => events.length === 0)) return [];
  const appends = additions
    .filter(({ stream, events }) => events.length > 0 || !isLocked(transaction, stream))
    .map(({ stream, before, events }) => ({ stream, expected: before.version, events }));
  return store.append(transaction, appends, options);
}

const isLocked = (transaction: SqlTransaction, stream: string): boolean =>
  streamsOf(transaction).find(stream)?.locked === true;

/** Pairs each recorded event of the stream with the state that it led to. */
function statesAfter(
  { stream, decider, before }: Addition,
  events: readonly RecordedEvent[],
): readonly EventInState[] {
  let { state } = before;
  return events
    .filter((recorded) => recorded.stream === stream)
    .map((recorded) => {
      state = decider.evolve(state, recorded.event);
      return { recorded, state };
    });
}

function stateAfter(
  before: VersionedState<unknown>,
  steps: readonly EventInState[],
): Recorded<DomainEvent, unknown> {
  const events = steps.map(({ recorded }) => recorded);
  const last = steps.at(-1);
  return last === undefined
    ? { ...before, events }
    : { state: last.state, version: last.recorded.version, events };
}

async function requestCalls<Call>(
  transaction: SqlTransaction,
  { externalCall, holder }: Recorder<Call>,
  calls: readonly Call[],
  metadata: EventMetadata,
): Promise<void> {
  if (calls.length > 0 && externalCall === undefined)
    throw new TypeError(
      'a decision requests an external call, but its recorder has no `externalCall`: give it one',
    );
  for (const call of calls)
    await requestExternalCall(transaction, { ...externalCall!(call), metadata }, holder);
}

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
