import { assertNever } from '@millrace/event-sourcing';
import { stepOf, verdictOf, waitFor, type Verdict } from '../definition/definition.ts';
import type { SagaEvent } from './events.ts';
import type { ReplyInput } from './inputs.ts';
import { evolve } from './evolve.ts';
import {
  type DecisionContext,
  compensateNext,
  proceed,
  startCompensation,
  waitsWithinReach,
} from './flow.ts';
import { type Awaited, type Present, awaited, exchangeOf } from './state.ts';

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
      ? { type: 'CommandAccepted', ...reply, ...resultOf(context, input, found) }
      : { type: 'CommandRejected', ...reply, reason: reasonOf(input) };
  // The compensation undoes a late one, and a paused saga continues once it is resumed.
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
        ? proceed(context, state, input.messageId)
        : startCompensation(context, state, { reason: reasonOf(input), step }, input.messageId);
    case 'compensation':
      return compensateNext(context, state, input.messageId);
    case 'closing':
      return [{ type: 'SagaCompensated', at: context.at }];
    default:
      return assertNever(role);
  }
}

function resultOf(
  { definition }: DecisionContext,
  { message }: Answered,
  { role, step }: Awaited,
): { readonly result?: unknown } {
  const choose = role === 'step' ? stepOf(definition, step)?.result : undefined;
  return choose === undefined ? {} : { result: choose(message) };
}

/**
 * Decides a message from outside that the saga waits for, or that refuses it. One that comes before the
 * saga waits for it is kept until then. One whose wait is on a path that was not taken is ignored: its
 * result would change the commands that were sent already.
 */
export function decideMessage(
  context: DecisionContext,
  input: Answered,
  state: Present,
): readonly SagaEvent[] {
  const { message, messageId } = input;
  const { at } = context;
  const found = waitFor(context.definition, message.type);
  const known = found && state.waits?.[found.wait.name];
  if (found === undefined || state.status !== 'running' || (known !== undefined && known.status !== 'open'))
    return ignored(context, input, state, 'not_awaited');
  if (!waitsWithinReach(context.definition.flow, state).includes(found.wait.name))
    return ignored(context, input, state, 'not_awaited');
  const { name, result } = found.wait;
  const recorded: SagaEvent =
    found.verdict === 'accepted'
      ? { type: 'MessageReceived', wait: name, messageId, ...(result && { result: result(message) }), at }
      : { type: 'MessageRefused', wait: name, messageId, reason: reasonOf(input), at };
  if (known === undefined || state.paused !== undefined) return [recorded];
  return [recorded, ...proceed(context, evolve(state, recorded), messageId)];
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
