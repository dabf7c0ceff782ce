import { requestExternalCall, type ExternalCall } from '@millrace/streaming-core/external-calls';
import type { Holder } from '@millrace/streaming-core/personal';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { Decision, DomainEvent, AnyFolding, VersionedState } from './decider.ts';
import type { AppendOptions, EventMetadata, EventStore, RecordedEvent } from './event-store.ts';
import type { EventInState, InlineProjections, Publish } from './projection.ts';
import { streamsOf } from './transaction-streams.ts';

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
export async function record<Call>(
  { transaction, recorder, newId, now, ...recording }: Recording<Call>,
  additions: readonly Addition[],
  { calls = [], answers }: Pick<Decision<unknown, Call>, 'calls' | 'answers'>,
): Promise<readonly Recorded<DomainEvent, unknown>[]> {
  const metadata =
    answers === undefined
      ? recording.metadata
      : await metadataOfAnswer(transaction, recorder.store, additions, {
          ...recording.metadata,
          causationId: answers,
        });
  return transaction.unitOfWork(async () => {
    const recorded = await append(transaction, recorder.store, additions, { metadata, newId, now });
    const steps = additions.map((addition) => statesAfter(addition, recorded));
    await recorder.projections?.apply(transaction, recorded);
    const messages = (await recorder.publish?.(transaction, steps.flat())) ?? [];
    await recorder.startSagas?.(transaction, messages);
    await requestCalls(transaction, recorder, calls, metadata);
    return additions.map(({ before }, index) => stateAfter(before, steps[index] ?? []));
  });
}

/**
 * Returns the metadata of an answer to an earlier command, whose saga need not be that of the
 * message being handled: an event that the command has caused in these streams names it. Leaves it
 * out if there is no such event, so that every saga that may wait for the answer takes it.
 */
async function metadataOfAnswer(
  transaction: SqlTransaction,
  store: EventStore,
  additions: readonly Addition[],
  { saga, ...metadata }: EventMetadata,
): Promise<EventMetadata> {
  if (saga === undefined) return metadata;
  const streams = additions.map(({ stream }) => stream);
  const [caused] = await store.readCaused(transaction, streams, metadata.causationId);
  const asking = caused?.metadata.saga;
  return asking === undefined ? metadata : { ...metadata, saga: asking };
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
