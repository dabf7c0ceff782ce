import { AssertionError } from 'node:assert';
import type { Message } from '@millrace/streaming-core/contract';
import type { SagaDecider, CommandToSend } from '../decision/decide.ts';
import { type SagaDefinition, isLocal, waitFor } from '../definition/definition.ts';

import { buildCommand } from '../decision/commands.ts';
import type { SagaInput } from '../decision/inputs.ts';
import { questionOf, replyMessage, type Reply } from './replies.ts';
import { type SagaState, awaited, openWaits, tokenOf } from '../decision/state.ts';
import { openDeadline, waitToken } from '../decision/timers.ts';

interface SentCommand {
  readonly command: CommandToSend;
  readonly message: Message;
  /** True if the service decides the command itself instead of sending it. */
  readonly local: boolean;
}

/** One input, and the commands that it made the saga send. */
interface Turn {
  readonly heard: string;
  readonly input: SagaInput;
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

/** Returns the types of the commands that the saga waits for, and the names of its open waits. */
export const waitsFor = (conversation: Conversation): readonly string[] => [
  ...awaited(conversation.state).flatMap((waits) => lastSent(conversation, waits)?.message.type ?? []),
  ...openWaits(conversation.state).map(({ name }) => name),
];

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
  const commands = awaited(state).flatMap((open) => lastSent(conversation, open)?.message.type ?? []);
  const waits = openWaits(state).map(({ name }) => name);
  const end = [
    ...(commands.length === 0 ? [] : [`, waits for the reply to ${commands.join(' and ')}`]),
    ...(waits.length === 0 ? [] : [`, waits in ${waits.join(' and ')}`]),
  ].join('');
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
    throw failed(
      conversation,
      `${type} is not a reply of the saga ${definition.name}${remedy(definition, type)}`,
    );
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

/** Names the method that gives the saga a message of this type. */
function remedy(definition: SagaDefinition, type: string): string {
  if (definition.cancelledBy?.message.type === type) return ': it is the cancellation, so use cancels';
  if (waitFor(definition, type) !== undefined) return ': it comes from outside, so use hears';
  return questionOf(definition, type) === undefined ? '' : ': it replies to a command, so use answers';
}

/** Fires the timers of the commands that the saga waits for. */
export function hearNothing(conversation: Conversation): Conversation {
  const waits = awaited(conversation.state);
  if (waits.length === 0)
    throw failed(
      conversation,
      'the saga waits for no reply: there is no timer to fire (waitsInVain ends a wait or a delay)',
    );
  return waits.reduce(
    (heard, { exchange }) => hear(heard, '(silence)', { type: 'timer', token: tokenOf(exchange), at }),
    conversation,
  );
}

/** A message from outside arrives. */
export function hearMessage(conversation: Conversation, heard: Reply): Conversation {
  const { definition, start, samples } = conversation;
  const type = typeof heard === 'string' ? heard : heard.type;
  const found = waitFor(definition, type);
  if (found === undefined)
    throw failed(
      conversation,
      `the saga ${definition.name} never waits for ${type}${remedy(definition, type)}`,
    );
  const declaration = found.verdict === 'accepted' ? found.wait.event : found.wait.refused!;
  const message = replyMessage(declaration, heard, { start, command: start, samples });
  const messageId = nextMessageId(conversation);
  return hear(conversation, type, { type: 'message', message, messageId, causationId: 'outside', at });
}

/** The time of a wait or a delay is over. */
export function hearTimeOver(conversation: Conversation, name: string): Conversation {
  const open = openWaits(conversation.state).find((each) => each.name === name);
  if (open === undefined) {
    const wait = waitFor(conversation.definition, name)?.wait;
    const hint =
      wait === undefined ? '' : `: it is the message of a wait, so use waitsInVain('${wait.name}')`;
    throw failed(conversation, `the saga does not wait in ${name}${hint}`);
  }
  return hear(conversation, `(time of ${name} over)`, {
    type: 'timer',
    token: waitToken(open.wait.waitId),
    at,
  });
}

export function hearDeadline(conversation: Conversation): Conversation {
  const deadline = openDeadline(conversation.definition, conversation.state);
  if (deadline === undefined) throw failed(conversation, 'the saga has no open deadline');
  return hear(conversation, '(deadline)', { type: 'timer', token: waitToken(deadline.id), at });
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
  if (state.status === 'absent') return { ...conversation, turns: [...turns, { heard, input, sent: [] }] };
  const sent = commands.map((command): SentCommand => ({
    command,
    message: buildCommand(definition, state, command, personal),
    local: isLocal(definition, command),
  }));
  return { ...conversation, state, ids, turns: [...turns, { heard, input, sent }] };
}

const nextMessageId = ({ turns }: Conversation): string => `m-${turns.length}`;
