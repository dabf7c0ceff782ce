import { unitOfWork, type SqlDatabase, type SqlTransaction } from '@millrace/streaming-core/postgres';
import { isRejected, type Decider, type DomainEvent, type Rejected } from './decider.ts';
import type { AppendOptions, EventStore, RecordedEvent } from './event-store.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { retryingTransaction, type RetryOptions } from './retrying-transaction.ts';
import { loadState } from './state.ts';
import { foldEvents, type VersionedState } from './folding.ts';

/** A command for one stream, and what recording its events needs. */
export interface StreamCommand<
  Command,
  Event extends DomainEvent,
  State,
  Code extends string,
> extends AppendOptions {
  readonly store: EventStore;
  readonly decider: Decider<Command, Event, State, Code>;
  readonly stream: string;
  readonly command: Command;
}

/** The stream after the command; `events` is empty when there was nothing to do. */
export interface Decided<Event extends DomainEvent, State> extends VersionedState<State> {
  readonly events: readonly RecordedEvent<Event>[];
}

/**
 * Loads the stream, decides and appends, in the caller's transaction: what a message handler does, whose batch has locked the stream.
 * A rejection writes nothing. When somebody wrote to the stream after it was loaded, this, or the unit of work that it is part of, rejects with
 * `WrongExpectedVersionError`.
 */
export async function decideAndAppend<Command, Event extends DomainEvent, State, Code extends string>(
  request: StreamCommand<Command, Event, State, Code> & { readonly transaction: SqlTransaction },
): Promise<Decided<Event, State> | Rejected<Code>> {
  const { transaction, store, decider, stream, command, metadata, newId, now } = request;
  const before = await loadState(transaction, store, decider, stream);
  const outcome = decider.decide(command, before.state);
  if (isRejected(outcome)) return outcome;
  if (outcome.length === 0) return { ...before, events: [] };
  const appends = [{ stream, expected: before.version, events: outcome }];
  const events = (await store.append(transaction, appends, {
    metadata,
    newId,
    now,
  })) as readonly RecordedEvent<Event>[];
  return {
    state: foldEvents(decider, outcome, before.state),
    version: before.version + BigInt(outcome.length),
    events,
  };
}

/**
 * The same in a transaction of its own, for callers without one (HTTP). Optimistic at first; after a conflict the stream is locked before
 * it is loaded, so the second attempt can lose to a deadlock or a serialisation failure only. Rejects with the last error.
 */
export const executeCommand = <Command, Event extends DomainEvent, State, Code extends string>(
  database: SqlDatabase,
  request: StreamCommand<Command, Event, State, Code>,
  options: RetryOptions = {},
): Promise<Decided<Event, State> | Rejected<Code>> =>
  retryingTransaction(
    database,
    async (transaction, attempt) => {
      if (attempt > 1) await lockStreams(transaction, [request.stream]);
      return unitOfWork(transaction, () => decideAndAppend({ ...request, transaction }));
    },
    options,
  );
