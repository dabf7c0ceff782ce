import { assertNever } from '@millrace/event-sourcing';
import { verdictOf, type Verdict } from '../definition/definition.ts';
import type { SagaEvent } from './events.ts';
import { evolve, awaited, exchangeOf, type Awaited, type Present } from './state.ts';
import type { ReplyInput } from './inputs.ts';
import { advance, startCompensation, compensateNext, type DecisionContext } from './transitions.ts';

/** The part of a reply that its decision depends on. */
export type Answered = Pick<ReplyInput, 'message' | 'messageId' | 'causationId'>;

/**
 * Decides a reply to the saga whose stream this is. The reply is matched by its type and by the
 * command that it names as its cause.
 */
export const decideReply = (
  context: DecisionContext,
  input: ReplyInput,
  state: Present,
): readonly SagaEvent[] => decideAnswer(context, input, state);

/** Decides a reply, whether it is a message or an operator's. */
export function decideAnswer(
  context: DecisionContext,
  input: Answered,
  state: Present,
): readonly SagaEvent[] {
  const found = exchangeOf(state, input.causationId);
  if (found === undefined) return ignored(context, input, state, 'unknown_command');
  const verdict = verdictOf(context.definition, found, input.message.type);
  if (verdict === undefined) return ignored(context, input, state, 'unexpected_type');
  const { status } = found.exchange;
  if (status === verdict) return []; // a duplicate
  if (status === 'accepted' || status === 'rejected') return ignored(context, input, state, 'contradiction');
  return answered(context, input, state, found, verdict);
}

function answered(
  context: DecisionContext,
  input: Answered,
  state: Present,
  found: Awaited,
  verdict: Verdict,
): readonly SagaEvent[] {
  const late = !awaited(state).some(({ exchange }) => exchange.commandId === found.exchange.commandId);
  const { step, role } = found;
  const reply = {
    step,
    role,
    commandId: input.causationId,
    messageId: input.messageId,
    late,
    at: context.at,
  };
  const recorded: SagaEvent =
    verdict === 'accepted'
      ? { type: 'CommandAccepted', ...reply }
      : { type: 'CommandRejected', ...reply, reason: reasonOf(input) };
  // The compensation undoes a late one, and a paused saga goes on once it is resumed.
  if (late || state.paused !== undefined) return [recorded];
  return [recorded, ...consequences(context, input, evolve(state, recorded) as Present, found, verdict)];
}

function consequences(
  context: DecisionContext,
  input: Answered,
  state: Present,
  { role, step }: Awaited,
  verdict: Verdict,
): readonly SagaEvent[] {
  switch (role) {
    case 'step':
      return verdict === 'accepted'
        ? advance(context, step, input.messageId)
        : startCompensation(context, state, { reason: reasonOf(input), step }, input.messageId);
    case 'compensation':
      return compensateNext(context, state, input.messageId);
    case 'closing':
      return [{ type: 'SagaCompensated', at: context.at }];
    default:
      return assertNever(role);
  }
}

/** The builder's types ensure that a rejection has a reason. */
const reasonOf = ({ message }: Answered): string => String(message.reason);

type Why = Extract<SagaEvent, { type: 'ReplyIgnored' }>['why'];

function ignored(
  { settings, at }: DecisionContext,
  input: Answered,
  state: Present,
  why: Why,
): readonly SagaEvent[] {
  const { message, messageId, causationId } = input;
  if (state.ignored.includes(messageId) || state.ignored.length >= settings.ignoredRepliesMax) return [];
  return [{ type: 'ReplyIgnored', messageType: message.type, messageId, causationId, why, at }];
}
