import { AssertionError } from 'node:assert';
import type { Message } from '@millrace/streaming-core/contract';
import type { SagaDecider, CommandToSend } from '../decision/decide.ts';
import { awaited, type SagaState, tokenOf } from '../decision/state.ts';
import { type SagaDefinition, isLocal } from '../definition/definition.ts';
import { buildCommand } from '../decision/commands.ts';
import type { SagaInput } from '../decision/inputs.ts';
import { questionOf, replyMessage, type Reply } from './replies.ts';

interface SentCommand {
  readonly command: CommandToSend;
  readonly message: Message;
  /** True if the service decides the command itself instead of sending it. */
  readonly local: boolean;
}

/** One input, and the commands that it made the saga send. */
interface Turn {
  readonly heard: string;
  readonly sent: readonly SentCommand[];
}

export interface Conversation {
  readonly definition: SagaDefinition;
  readonly decider: SagaDecider;
  readonly start: Message;
  readonly personal: unknown;
  /** The messages to use for replies that are named by their types. */
  readonly samples: readonly Message[];
  readonly turns: readonly Turn[];
  readonly state: SagaState;
  /** The number of command ids given out so far. */
  readonly ids: number;
}

export const sentCommands = ({ turns }: Conversation): readonly SentCommand[] =>
  turns.flatMap(({ sent }) => sent);

/** Returns the latest sending of a command. */
const lastSent = (
  conversation: Conversation,
  { role, step }: Pick<CommandToSend, 'role' | 'step'>,
): SentCommand | undefined =>
  sentCommands(conversation).findLast(({ command }) => command.role === role && command.step === step);

/** Returns the type of the command that the saga waits for, or undefined once it has ended. */
export function waitsFor(conversation: Conversation): string | undefined {
  const [waits] = awaited(conversation.state);
  return waits && lastSent(conversation, waits)?.message.type;
}

/**
 * Builds the error for a conversation that does not go as a test expects. It contains the problem
 * and the conversation so far.
 */
export const failed = (
  conversation: Conversation,
  problem: string,
  values: { readonly actual?: unknown; readonly expected?: unknown } = {},
): AssertionError =>
  new AssertionError({
    message: `${problem}\n\nThe conversation so far:\n${printed(conversation)}`,
    ...values,
  });

/**
 * Prints a line for each input and each command, and one for the state that they leave the saga in.
 */
function printed(conversation: Conversation): string {
  const { state, turns } = conversation;
  const lines = turns.flatMap(({ heard, sent }) => [
    `  ${heard}`,
    ...sent.map(({ message, local }) => `    -> ${message.type}${local ? ' (local)' : ''}`),
  ]);
  const reason = 'failure' in state ? ` (${state.failure.reason})` : '';
  const waits = waitsFor(conversation);
  const end = waits === undefined ? '' : `, waits for the reply to ${waits}`;
  return [...lines, `  ${state.status}${reason}${end}`].join('\n');
}

const at = '2026-01-01T00:00:00.000Z';

export function hearStart(conversation: Conversation): Conversation {
  const { definition, start } = conversation;
  const sagaId = definition.id(start);
  return hear(conversation, start.type, {
    type: 'start',
    sagaId,
    message: definition.starts.schema.parse(start),
    messageId: 'm-start',
    correlationId: sagaId,
    startTopic: definition.starts.topic.name,
    partition: 0,
    at,
  });
}

/**
 * Gives the saga a reply to the latest command that the reply can belong to. Throws if the reply is
 * `in time` although the saga does not wait for it, or `late` although the saga does.
 */
export function hearReply(
  conversation: Conversation,
  reply: Reply,
  timing: 'in time' | 'late',
): Conversation {
  const { definition, state, start, samples } = conversation;
  const type = typeof reply === 'string' ? reply : reply.type;
  const question = questionOf(definition, type);
  if (question === undefined)
    throw failed(conversation, `${type} is not a reply of the saga ${definition.name}`);
  const asked = lastSent(conversation, question);
  if (asked === undefined)
    throw failed(
      conversation,
      `${type} replies to the ${question.role} ${question.step}, which was not sent`,
    );
  const { commandId } = asked.command;
  const isAwaited = awaited(state).some(({ exchange }) => exchange.commandId === commandId);
  if (isAwaited && timing === 'late')
    throw failed(conversation, `${type} is not late: the saga waits for it`);
  if (!isAwaited && timing === 'in time')
    throw failed(
      conversation,
      `the saga does not wait for ${type}: if it is meant to come late, use answersLate`,
    );
  const known = { start, command: asked.message, samples };
  return hear(conversation, timing === 'late' ? `${type}, late` : type, {
    type: 'reply',
    message: replyMessage(question.declaration, reply, known),
    messageId: nextMessageId(conversation),
    causationId: commandId,
    at,
  });
}

/** Fires the timer of the command that the saga waits for. */
export function hearNothing(conversation: Conversation): Conversation {
  const [waits] = awaited(conversation.state);
  if (waits === undefined)
    throw failed(conversation, 'the saga waits for nothing: there is no timer to fire');
  return hear(conversation, '(silence)', { type: 'timer', token: tokenOf(waits.exchange), at });
}

export function hearCancellation(conversation: Conversation): Conversation {
  const { cancelledBy, name } = conversation.definition;
  if (cancelledBy === undefined) throw failed(conversation, `the saga ${name} has no cancellation`);
  const messageId = nextMessageId(conversation);
  return hear(conversation, cancelledBy.message.type, { type: 'cancel', messageId, at });
}

function hear(conversation: Conversation, heard: string, input: SagaInput): Conversation {
  const { decider, definition, personal, turns } = conversation;
  let { ids } = conversation;
  const { state, commands } = decider.decide(input, conversation.state, () => `c${++ids}`);
  if (state.status === 'absent') return conversation;
  const sent = commands.map((command): SentCommand => ({
    command,
    message: buildCommand(definition, state, command, personal),
    local: isLocal(definition, command),
  }));
  return { ...conversation, state, ids, turns: [...turns, { heard, sent }] };
}

const nextMessageId = ({ turns }: Conversation): string => `m-${turns.length}`;
