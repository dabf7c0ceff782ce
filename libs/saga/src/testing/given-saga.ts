import { AssertionError, deepStrictEqual } from 'node:assert';
import type { Message } from '@millrace/streaming-core/contract';
import { sagaDecider } from '../decision/decide.ts';
import { defaultSagaSettings, type SagaSettings } from '../decision/settings.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import {
  failed,
  sentCommands,
  waitsFor,
  type Conversation,
  hearCancellation,
  hearDeadline,
  hearMessage,
  hearNothing,
  hearReply,
  hearStart,
  hearTimeOver,
} from './conversation.ts';
import type { Reply } from './replies.ts';

export interface GivenSagaOptions {
  /** The personal data that commands are built from. The definition's schema checks it. */
  readonly personal?: unknown;
  /**
   * The messages that types stand for, as in `answers('PaymentFailed')`. A reply that only repeats
   * fields of its command needs none.
   */
  readonly replies?: readonly Message[];
  readonly settings?: Partial<SagaSettings>;
}

/**
 * Tests a saga as a conversation. Each method returns the conversation, which may be continued in
 * several ways. If the saga does something else than the test expects, node's `AssertionError`
 * names the problem and prints the conversation so far.
 */
export interface SagaConversation {
  /**
   * Participants reply one after another, each to the command that its reply belongs to. The saga
   * has to be waiting for each reply.
   */
  answers(...replies: readonly Reply[]): SagaConversation;
  /** A participant replies to a command that the saga no longer waits for. */
  answersLate(reply: Reply): SagaConversation;
  /**
   * A participant replies, and then once more in another message, as it does when a command is sent
   * again.
   */
  answersTwice(reply: Reply): SagaConversation;
  /** Nobody replies until the timers of the awaited commands have fired this many times. */
  staysSilent(times?: number): SagaConversation;
  /** Messages from outside arrive, in this order, which waits take now or later. */
  hears(...messages: readonly Reply[]): SagaConversation;
  /** The time of the delay or wait of this name is over. */
  waitsInVain(name: string): SagaConversation;
  /** The deadline of the whole saga passes. */
  missesDeadline(): SagaConversation;
  /** The message of the definition's `cancelledBy` arrives. */
  cancels(): SagaConversation;
  /**
   * Expects that exactly these commands were sent since the start, in this order and including
   * re-sends. A command is given as its type or as the whole message. The command of a local pivot
   * is not sent, but the test answers it like any other.
   */
  sends(...commands: readonly (string | Message)[]): SagaConversation;
  /**
   * Expects that the saga has not ended, and waits for the replies to exactly these commands, in the
   * order of sending, and then in these waits.
   */
  awaits(...commandsAndWaits: readonly string[]): SagaConversation;
  /**
   * Expects that the saga has ended, either as `completed` or compensated for this reason, or that its
   * start message has started none: `not started`.
   */
  endsAs(outcome: string): SagaConversation;
}

/**
 * Starts a saga with its start message, without a clock, a database or a broker. The conversation
 * continues with replies and the passing of time, and each expectation throws node's
 * `AssertionError` if the saga does something else. Throws a `ZodError` if `personal` does not fit
 * the definition.
 *
 * @example
 * ```ts
 * import { saga } from '@millrace/saga';
 * import { givenSaga } from '@millrace/saga/testing';
 *
 * const trip = saga(...start)
 *   .pivot('confirm', {
 *     command: ({ trip: { tripId } }) => tripCommands.ConfirmTrip({ tripId }),
 *     accepted: tripEvents.TripConfirmed,
 *     rejected: tripEvents.TripSoldOut,
 *   })
 *   .whenCompensated(({ trip: { tripId }, failure: { reason } }) => tripCommands.CloseTrip({ tripId, reason }), {
 *     accepted: tripEvents.TripClosed,
 *   });
 *
 * givenSaga(trip, tripEvents.TripAsked({ tripId: 'trip-1', city: 'Oslo', price: 90_00 }))
 *   .answers('TripConfirmed')
 *   .sends('ConfirmTrip')
 *   .endsAs('completed');
 * ```
 */
export const givenSaga = (
  definition: SagaDefinition,
  start: Message,
  options: GivenSagaOptions = {},
): SagaConversation => talk(conversationOf(definition, start, options));

/** The conversation that a start message begins. */
export function conversationOf(
  definition: SagaDefinition,
  start: Message,
  { personal, replies = [], settings }: GivenSagaOptions,
): Conversation {
  const decider = sagaDecider(definition, { ...defaultSagaSettings, ...settings });
  return hearStart({
    definition,
    decider,
    start,
    personal: definition.personal?.parse(personal),
    samples: replies,
    turns: [],
    state: decider.initialState,
    ids: 0,
  });
}

const talk = (conversation: Conversation): SagaConversation =>
  Object.freeze({
    answers: (...replies: readonly Reply[]) =>
      talk(replies.reduce((heard, reply) => hearReply(heard, reply, 'in time'), conversation)),
    answersLate: (reply: Reply) => talk(hearReply(conversation, reply, 'late')),
    answersTwice: (reply: Reply) => talk(hearReply(hearReply(conversation, reply, 'in time'), reply, 'late')),
    staysSilent: (times = 1) =>
      talk(Array.from({ length: times }).reduce<Conversation>(hearNothing, conversation)),
    hears: (...messages: readonly Reply[]) => talk(messages.reduce(hearMessage, conversation)),
    waitsInVain: (name: string) => talk(hearTimeOver(conversation, name)),
    missesDeadline: () => talk(hearDeadline(conversation)),
    cancels: () => talk(hearCancellation(conversation)),
    sends(...commands: readonly (string | Message)[]) {
      const sent = sentCommands(conversation)
        .filter(({ local }) => !local)
        .map(({ message }, index) => (typeof commands[index] === 'object' ? message : message.type));
      return expectSame(conversation, 'the saga sent other commands', sent, commands);
    },
    awaits: (...names: readonly string[]) =>
      expectSame(conversation, 'the saga waits for something else', waitsFor(conversation), names),
    endsAs: (outcome: string) =>
      expectSame(
        conversation,
        `the saga has not ended${outcomeOf(conversation) === undefined ? '' : ' in this way'}`,
        outcomeOf(conversation),
        outcome,
      ),
  });

function outcomeOf({ state }: Conversation): string | undefined {
  if (state.status === 'absent') return 'not started';
  if (state.status === 'completed') return 'completed';
  return state.status === 'compensated' ? state.failure.reason : undefined;
}

function expectSame(
  conversation: Conversation,
  problem: string,
  actual: unknown,
  expected: unknown,
): SagaConversation {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    throw failed(conversation, `${problem}\n${error.message}`, { actual, expected });
  }
  return talk(conversation);
}
