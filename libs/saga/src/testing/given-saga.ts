import { AssertionError, deepStrictEqual } from 'node:assert';
import type { Message } from '@millrace/streaming-core/contract';
import { sagaDecider } from '../decision/decide.ts';
import { defaultSagaSettings, type SagaSettings } from '../decision/settings.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import { failed, sentCommands, waitsFor, type Conversation } from './conversation.ts';
import type { Reply } from './replies.ts';
import { hearCancellation, hearNothing, hearReply, hearStart } from './turns.ts';

export interface GivenSagaOptions {
  /** What commands are built from beside the start message; checked by the definition's schema. */
  readonly personal?: unknown;
  /** The messages that names stand for, as in `answers('PaymentFailed')`. A reply that only repeats fields of its command needs none. */
  readonly replies?: readonly Message[];
  readonly settings?: Partial<SagaSettings>;
}

/**
 * The test of a saga as a conversation. Each method returns the conversation, which may be continued in several ways. Where it is not as the
 * test says, node's `AssertionError` tells the problem and prints the conversation so far.
 */
export interface SagaConversation {
  /** Participants reply, one after the other, each to the command that its reply belongs to. The saga has to wait for each reply. */
  answers(...replies: readonly Reply[]): SagaConversation;
  /** A participant replies to a command that the saga waits for no longer. */
  answersLate(reply: Reply): SagaConversation;
  /** A participant replies, and once more in another message, as it does to a command that was sent again. */
  answersTwice(reply: Reply): SagaConversation;
  /** Nobody replies until the timer of the awaited command fires, so many times. */
  staysSilent(times?: number): SagaConversation;
  /** The message of the definition's `cancelledBy` comes. */
  cancels(): SagaConversation;
  /** Exactly these commands were sent since the start, in this order, with those that were sent again: types, or whole messages. */
  sends(...commands: readonly (string | Message)[]): SagaConversation;
  /** The saga has not ended: it waits for the reply to this command. */
  awaits(command: string): SagaConversation;
  /** The saga has ended: as `completed`, or compensated for this reason. */
  endsAs(outcome: string): SagaConversation;
}

/** Starts a saga by its start message. */
export const givenSaga = (
  definition: SagaDefinition,
  start: Message,
  { personal, replies = [], settings }: GivenSagaOptions = {},
): SagaConversation => {
  const decider = sagaDecider(definition, { ...defaultSagaSettings, ...settings });
  return talk(
    hearStart({
      definition,
      decider,
      start,
      personal: definition.personal?.parse(personal),
      samples: replies,
      turns: [],
      state: decider.initialState,
      ids: 0,
    }),
  );
};

const talk = (conversation: Conversation): SagaConversation =>
  Object.freeze({
    answers: (...replies: readonly Reply[]) =>
      talk(replies.reduce((heard, reply) => hearReply(heard, reply, 'in time'), conversation)),
    answersLate: (reply: Reply) => talk(hearReply(conversation, reply, 'late')),
    answersTwice: (reply: Reply) => talk(hearReply(hearReply(conversation, reply, 'in time'), reply, 'late')),
    staysSilent: (times = 1) =>
      talk(Array.from({ length: times }).reduce<Conversation>(hearNothing, conversation)),
    cancels: () => talk(hearCancellation(conversation)),
    sends(...commands: readonly (string | Message)[]) {
      const sent = sentCommands(conversation).map(({ message }, index) =>
        typeof commands[index] === 'object' ? message : message.type,
      );
      return expectSame(conversation, 'the saga sent other commands', sent, commands);
    },
    awaits: (command: string) =>
      expectSame(conversation, 'the saga waits for another reply', waitsFor(conversation), command),
    endsAs: (outcome: string) =>
      expectSame(conversation, 'the saga has not ended so', outcomeOf(conversation), outcome),
  });

function outcomeOf({ state }: Conversation): string | undefined {
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
