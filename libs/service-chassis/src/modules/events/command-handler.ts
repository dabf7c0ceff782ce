import {
  assumeNew,
  decideAcross,
  decideAndRecord,
  isRejected,
  loadState,
  lockMoreStreams,
  optimisticTransaction,
  repeatAnswer,
  streamIds,
  type Decider,
  type DecisionAcross,
  type DomainEvent,
  type EventMetadata,
  type Folding,
  type OnlyIn,
  type ReadOptions,
  type Recorded,
  type RecordedIn,
  type Recorder,
  type Recording,
  type Rejected,
  type StatesOf,
  type StreamSet,
  type VersionedState,
} from '@millrace/event-sourcing';
import { TerminalError, type MessageContext } from '@millrace/streaming-core/consumer';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { requestTransaction } from '../../database/request-transaction.ts';
import type { Page } from '../../web/http/pagination.ts';
import type { HistoryItem } from '@millrace/operations/contract';
import { historyOf, type HistoryQuery } from './history.ts';
import { currentMetadata, metadataOf, recording } from './recording.ts';
import { token } from '../../ground/provide.ts';

/**
 * The origin of a command: a message, or a cause inside the service. Its transaction holds the
 * locks of the streams.
 */
type Incoming = MessageContext | InternalCause;

/** The answer to an external call, or a due timer. */
export interface InternalCause {
  readonly transaction: SqlTransaction;
  /** The metadata of the decision that requested the call or set the timer. */
  readonly metadata: EventMetadata;
}

/** The cause to pass instead of a message when a command comes from the current HTTP request. */
export const currentRequest = Symbol('current request');
type CurrentRequest = typeof currentRequest;

/**
 * Loads streams, decides, and records the decision: events at the versions that were loaded,
 * messages to other services, and external calls. `Call` is the type of the domain's external
 * calls.
 *
 * - For a message or an answer, all of this is part of its transaction. A rejection becomes a
 *   `TerminalError`, since the same command would be rejected again.
 * - For a request, it is part of the request's transaction, or of a separate one that is repeated
 *   after a conflict. A rejection is returned.
 */
export interface CommandHandler<Call = never> {
  /** Passes a command to the decider of one stream. */
  handle<Command, Event extends DomainEvent, State, Code extends string>(
    incoming: Incoming,
    decider: Decider<Command, Event, State, Code, Call>,
    stream: string,
    command: NoInfer<Command>,
  ): Promise<Recorded<Event, State>>;
  handle<Command, Event extends DomainEvent, State, Code extends string>(
    request: CurrentRequest,
    decider: Decider<Command, Event, State, Code, Call>,
    stream: string,
    command: NoInfer<Command>,
  ): Promise<Recorded<Event, State> | Rejected<Code>>;

  /**
   * Passes a command of a request to the decider of a stream whose id was made just now, so that
   * nothing has to be read. If the stream exists nevertheless, the transaction is repeated, and
   * then reads it.
   */
  handleNew<Command, Event extends DomainEvent, State, Code extends string>(
    request: CurrentRequest,
    decider: Decider<Command, Event, State, Code, Call>,
    stream: string,
    command: NoInfer<Command>,
  ): Promise<Recorded<Event, State> | Rejected<Code>>;

  /** Decides once over several streams. Either every append succeeds or none does. */
  handleAcross<Set extends StreamSet, Outcome extends DecisionAcross<Set, Call> | Rejected>(
    incoming: Incoming,
    streams: Set,
    decide: (states: StatesOf<Set>) => Outcome & OnlyIn<Set, Outcome>,
  ): Promise<RecordedIn<Set>>;
  handleAcross<Set extends StreamSet, Outcome extends DecisionAcross<Set, Call> | Rejected>(
    request: CurrentRequest,
    streams: Set,
    decide: (states: StatesOf<Set>) => Outcome & OnlyIn<Set, Outcome>,
  ): Promise<RecordedIn<Set> | Extract<Outcome, Rejected>>;

  /**
   * Publishes again the answer to a command that was handled before, under the same ids, from the
   * streams that hold it. Returns the streams in which this would take too long.
   */
  repeatAnswer(command: MessageContext, streams: StreamSet): Promise<readonly string[]>;

  /**
   * Loads the state now, at a version or at a moment. The version is 0 if the stream did not exist
   * yet.
   */
  load<Event extends DomainEvent, State>(
    decider: Folding<Event, State>,
    stream: string,
    asOf?: Pick<ReadOptions, 'toVersion' | 'at'>,
  ): Promise<VersionedState<State>>;
  history(stream: string, page: HistoryQuery): Promise<Page<HistoryItem>>;
}

/**
 * The part of a service that loads streams, decides and records, in the transaction of the request
 * or message. `EventStoreModule` provides it.
 *
 * @example
 * ```ts
 * import { Inject, Injectable } from '@nestjs/common';
 * import { currentRequest } from '@millrace/service-chassis/http';
 * import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
 *
 * @Injectable()
 * export class Rooms {
 *   constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler) {}
 *
 *   book(roomId: string) {
 *     const command = { type: 'Book', roomId } as const;
 *     return this.commands.handle(currentRequest, room, `room-${roomId}`, command);
 *   }
 * }
 * ```
 */
export const COMMAND_HANDLER = token<CommandHandler>('CommandHandler');

export function createCommandHandler<Call>(
  database: SqlDatabase,
  recorder: Recorder<Call>,
): CommandHandler<Call> {
  async function record<Result extends object>(
    cause: Incoming | CurrentRequest,
    streams: readonly string[],
    work: (recording: Recording<Call>) => Promise<Result>,
  ): Promise<Result> {
    if (cause === currentRequest) {
      const options = recording(currentMetadata());
      return inRequest(database, streams, (transaction) => work({ transaction, recorder, ...options }));
    }
    const { transaction } = cause;
    const metadata = 'metadata' in cause ? cause.metadata : metadataOf(cause);
    const outcome = await work({ transaction, recorder, ...recording(metadata) });
    if (isRejected(outcome)) throw refused(cause, outcome);
    return outcome;
  }

  const handle: Handle<Call> = (cause, decider, stream, command) =>
    record(cause, [stream], (recording) => decideAndRecord(recording, decider, stream, command));
  const handleAcross: HandleAcross<Call> = (cause, streams, decide) =>
    record(cause, streamIds(streams), (recording) => decideAcross(recording, streams, decide));
  return {
    handle: handle as CommandHandler<Call>['handle'],
    handleNew: (cause, decider, stream, command) =>
      record(cause, [stream], (recording) => {
        assumeNew(recording.transaction, stream);
        return decideAndRecord(recording, decider, stream, command);
      }),
    handleAcross: handleAcross as CommandHandler<Call>['handleAcross'],
    repeatAnswer: ({ transaction, id }, streams) => repeatAnswer(transaction, recorder, streams, id),
    load: (decider, stream, asOf) =>
      loadState(requestTransaction()?.transaction ?? database, recorder.store, decider, stream, asOf),
    history: (stream, page) => historyOf(database, recorder.store, stream, page),
  };
}

type Handle<Call> = <Command, Event extends DomainEvent, State, Code extends string>(
  cause: Incoming | CurrentRequest,
  decider: Decider<Command, Event, State, Code, Call>,
  stream: string,
  command: Command,
) => Promise<Recorded<Event, State> | Rejected<Code>>;

type HandleAcross<Call> = <Set extends StreamSet, Outcome extends DecisionAcross<Set, Call> | Rejected>(
  cause: Incoming | CurrentRequest,
  streams: Set,
  decide: (states: StatesOf<Set>) => Outcome & OnlyIn<Set, Outcome>,
) => Promise<RecordedIn<Set> | Extract<Outcome, Rejected>>;

/**
 * Works in the request's transaction, which is repeated as a whole. If the request has none, it
 * opens its own.
 */
async function inRequest<Result>(
  database: SqlDatabase,
  streams: readonly string[],
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const open = requestTransaction();
  if (open === undefined) return optimisticTransaction(database, streams, work);
  if (open.attempt > 1) await lockMoreStreams(open.transaction, streams);
  return work(open.transaction);
}

/**
 * The same command would be rejected every time, so it goes to the dead letters with the reason.
 */
const refused = (incoming: Incoming, { rejected }: Rejected): TerminalError =>
  new TerminalError(
    `${'type' in incoming ? incoming.type : 'a command of the service itself'} was rejected: ${rejected}`,
  );
