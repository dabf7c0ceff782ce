import { buildCommand } from '../decision/build-command.ts';
import type { SagaInput } from '../decision/inputs.ts';
import { isLocal } from '../definition/definition.ts';
import { awaited, tokenOf } from '../decision/state.ts';
import { failed, lastSent, type Conversation, type SentCommand } from './conversation.ts';
import { questionOf, replyMessage, type Reply } from './replies.ts';

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
