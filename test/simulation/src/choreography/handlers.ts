import 'reflect-metadata';
import { PATTERN_EXTRAS_METADATA } from '@nestjs/microservices/constants.js';
import {
  decisionOf,
  isRejected,
  type AnyFolding,
  type Decider,
  type DecisionAcross,
  type DomainEvent,
  type PublicMessage,
  type Rejected,
  type StreamSet,
} from '@millrace/event-sourcing';
import { TerminalError, type MessageContext, type MessageHandler } from '@millrace/streaming-core/consumer';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { deadlineProcess } from '../../../../apps/order/src/choreography/deadline.ts';
import type { Letter } from '../log.ts';
import type { House } from '../participants.ts';
import { at } from '../sagas.ts';

/** A service as its message handlers know it. */
export interface HandledService<Call> {
  readonly house: House;
  /** The states of its streams, by what their names begin with, and then by the rest of their names. */
  readonly streams: Readonly<Record<string, Map<string, unknown>>>;
  /** What the events of these streams publish. */
  readonly messages: Readonly<Record<string, (event: never, state: never) => readonly PublicMessage[]>>;
  publish?(messages: readonly PublicMessage[], causationId: string): void;
  call?(call: Call, askedBy: string): void;
  /** The instances of processes that have a timer. */
  readonly timers?: Set<string>;
}

type Handler = Pick<MessageHandler, 'message' | 'saga' | 'locks' | 'handle'>;
type AnyDecider = AnyFolding & Pick<Decider<unknown, DomainEvent, unknown, string, unknown>, 'decide'>;
type Outcome = DecisionAcross<StreamSet, unknown> | Rejected;
type CreateController = new (commands: never, settings: never) => object;
/** What the service gives to a timer that is due. */
type Fired = Parameters<ReturnType<typeof deadlineProcess>['fire']>;
type Cause = MessageContext | Fired[1];

/**
 * Runs the methods marked `@Handles` of a controller on streams in memory. As in the service, a handler
 * gets the messages of its saga only, and reads no stream that it does not declare. A rejection is a dead
 * letter.
 */
export class Handlers<Call> {
  readonly commands: Fired[0];
  readonly transaction: SqlTransaction;
  readonly #service: HandledService<Call>;
  readonly #handlers: readonly Handler[];
  #locked: readonly string[] = [];

  constructor(service: HandledService<Call>, Controller: CreateController, settings: object = {}) {
    this.#service = service;
    const commands = { handle: this.#handle, handleAcross: this.#handleAcross };
    this.commands = commands as unknown as Fired[0];
    this.transaction = { collect: this.#changeTimers } as unknown as SqlTransaction;
    this.#handlers = handlersOf(new Controller(commands as never, settings as never));
  }

  takes = (letter: Letter): boolean => this.#handlerOf(letter) !== undefined;

  async take(letter: Letter): Promise<void> {
    const handler = this.#handlerOf(letter);
    if (handler === undefined) throw new Error(`nobody handles ${letter.message.type}`);
    const { id, key, topic, saga, message } = letter;
    const attributes = { id, key, topic, type: message.type, correlationId: key, time: at, partition: 0 };
    const context = {
      ...attributes,
      ...(saga !== undefined && { saga }),
      transaction: this.transaction,
    } as unknown as MessageContext;
    try {
      await this.locking(handler.locks?.(message, context) ?? [], () => handler.handle(message, context));
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      this.#service.house.deadLetters.push(error.message);
    }
  }

  locking<Result>(streams: readonly string[], work: () => Promise<Result>): Promise<Result> {
    this.#locked = streams;
    return work();
  }

  #handlerOf = ({ topic, message, saga }: Letter): Handler | undefined =>
    this.#handlers.find(
      (handler) =>
        handler.message.topic.name === topic &&
        handler.message.type === message.type &&
        (handler.saga === undefined || handler.saga === saga),
    );

  #handle = async (cause: Cause, decider: AnyDecider, stream: string, command: unknown): Promise<unknown> => {
    const recorded = await this.#handleAcross(cause, { only: [decider, stream] }, ({ only }) => {
      const outcome = decider.decide(command, only);
      if (isRejected(outcome)) return outcome;
      const { events, ...decision } = decisionOf(outcome);
      return { events: { only: events }, ...decision } as unknown as Outcome;
    });
    return recorded.only;
  };

  #handleAcross = (
    cause: Cause,
    streams: StreamSet,
    decide: (states: Readonly<Record<string, unknown>>) => Outcome,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const { house, publish, call } = this.#service;
    const { id, saga } = 'metadata' in cause ? { ...cause.metadata, id: cause.metadata.causationId } : cause;
    if (saga !== undefined) house.log.belongs(id, saga);
    const outcome = decide(inShapeOf(streams, ({ decider, stream }) => this.#stateOf(decider, stream)));
    if (isRejected(outcome)) throw new TerminalError(`${id} was rejected: ${outcome.rejected}`);
    const { events, calls = [], answers = id } = outcome;
    const messages: PublicMessage[] = [];
    const recorded = inShapeOf(streams, ({ name, id, ...stream }) => {
      const added = events[name] as readonly DomainEvent[] | ReadonlyMap<unknown, readonly DomainEvent[]>;
      return this.#append(stream, (added instanceof Map ? added.get(id) : added) ?? [], messages);
    });
    if (publish === undefined) house.log.publish(messages, answers);
    else publish(messages, answers);
    for (const each of calls) call?.(each as Call, answers);
    return Promise.resolve(recorded);
  };

  /** Adds the public messages of the events to `messages`. */
  #append(
    { decider, stream }: Pick<NamedStream, 'decider' | 'stream'>,
    events: readonly DomainEvent[],
    messages: PublicMessage[],
  ) {
    const { kind, states, id } = this.#placeOf(stream);
    let state = this.#stateOf(decider, stream);
    for (const event of events) {
      state = decider.evolve(state, event as never);
      messages.push(...(this.#service.messages[kind]?.(event as never, state as never) ?? []));
    }
    if (events.length > 0) states.set(id, state);
    return { events: events.map((event) => ({ event })), state };
  }

  #stateOf(decider: AnyFolding, stream: string): unknown {
    if (!this.#locked.includes(stream)) throw new Error(`${stream} is not among the locks of its handler`);
    const { states, id } = this.#placeOf(stream);
    return states.get(id) ?? decider.initialState;
  }

  #placeOf(stream: string) {
    for (const [kind, states] of Object.entries(this.#service.streams))
      if (stream.startsWith(`${kind}-`)) return { kind, states, id: stream.slice(kind.length + 1) };
    throw new Error(`the simulated service has no stream ${stream}`);
  }

  #changeTimers = (_: unknown, changes: readonly TimerChange[]): Promise<void> => {
    for (const { change, id } of changes)
      if (change === 'set') this.#service.timers?.add(id);
      else this.#service.timers?.delete(id);
    return Promise.resolve();
  };
}

/** What `setTimer` and `clearTimer` write. */
interface TimerChange {
  readonly change: 'set' | 'clear';
  readonly id: string;
}

interface NamedStream {
  readonly name: string;
  readonly id?: string;
  readonly decider: AnyFolding;
  readonly stream: string;
}

const inShapeOf = (
  streams: StreamSet,
  valueOf: (stream: NamedStream) => unknown,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(streams).map(([name, [decider, where]]) => [
      name,
      typeof where === 'string'
        ? valueOf({ name, decider, stream: where })
        : new Map([...where].map(([id, stream]) => [id, valueOf({ name, id, decider, stream })])),
    ]),
  );

/** Reads what `@Handles` left at the methods of the controller. */
function handlersOf(controller: object): readonly Handler[] {
  const prototype = Object.getPrototypeOf(controller) as Record<string, Handler['handle']>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const method = prototype[name];
    const extras = method && (Reflect.getMetadata(PATTERN_EXTRAS_METADATA, method) as Extras | undefined);
    return extras === undefined ? [] : [{ ...extras.millraceMessage, handle: method!.bind(controller) }];
  });
}

interface Extras {
  readonly millraceMessage: Omit<Handler, 'handle'>;
}
