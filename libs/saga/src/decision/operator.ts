import { assertNever } from '@millrace/event-sourcing';
import type { Message } from '@millrace/streaming-core/contract';
import { verdictOf, type SagaDefinition } from '../definition/definition.ts';
import { SagaError, type SagaErrorCode } from '../errors.ts';
import type { OperatorActed, SagaEvent } from './events.ts';
import { evolve, awaited, pivotSent, type Awaited, type Present, type SagaState } from './state.ts';
import type { OperatorInput } from './inputs.ts';
import { decideAnswer, type Answered } from './replies.ts';
import { resend, goOn, startCompensation, type DecisionContext } from './transitions.ts';

/**
 * Decides an action of an operator. Throws `SagaError` if the action would break a rule of the saga
 * (see `operatorRefusals`). The first event is always `OperatorActed`.
 */
export function decideOperator(
  context: DecisionContext,
  input: OperatorInput,
  state: Present,
): readonly SagaEvent[] {
  const refused = refusalOf(context.definition, input, state);
  if (refused !== undefined) throw new SagaError(refused, operatorRefusals[refused]);
  const [waits] = awaited(state);
  const { action, actor, reason } = input;
  const acted: OperatorActed = {
    type: 'OperatorActed',
    action,
    actor,
    reason,
    step: waits?.step,
    at: input.at,
  };
  const next = evolve(state, acted) as Present;
  return [acted, ...consequences(context, input, next, waits)];
}

function consequences(
  context: DecisionContext,
  input: OperatorInput,
  state: Present,
  waits: Awaited | undefined,
): readonly SagaEvent[] {
  switch (input.action) {
    case 'pause':
      return [];
    case 'resume':
      return resume(context, state);
    case 'retry':
      return awaited(state).flatMap((each) => resend(context, each));
    case 'compensate':
      return startCompensation(context, state, givenUp(waits), causeOf(waits));
    case 'skip':
      return waits === undefined ? [] : skip(context, state, waits, input.result);
    default:
      return assertNever(input);
  }
}

/**
 * An operator gives a step up as a timeout does, and the reason is the same. Only the event
 * `OperatorActed` tells them apart: every contract knows the reasons of its definition, and none
 * knows an operator's.
 */
const givenUp = (waits: Awaited | undefined) => ({ reason: 'step_timeout', step: waits?.step });

const causeOf = (waits: Awaited | undefined): string => waits?.exchange.commandId ?? '';

function skip(
  context: DecisionContext,
  state: Present,
  waits: Awaited,
  message: Message,
): readonly SagaEvent[] {
  const { commandId } = waits.exchange;
  const answer: Answered = { message, messageId: context.newId(), causationId: commandId };
  return decideAnswer(context, answer, state);
}

/**
 * A paused saga only records a cancellation and replies. They take effect now, the cancellation first.
 * If there was neither, the saga sends its command again, and the timer starts anew.
 */
function resume(context: DecisionContext, state: Present): readonly SagaEvent[] {
  const waiting = awaited(state);
  const [waits] = waiting;
  if (state.status === 'running' && state.cancellation !== undefined && !pivotSent(context.definition, state))
    return startCompensation(context, state, { reason: state.cancellation }, lastCommand(context, state));
  if (waits !== undefined) return waiting.flatMap((each) => resend(context, each));
  return goOn(context, state);
}

/** The command of the last step that was sent, whether or not its reply has come. */
function lastCommand({ definition: { steps } }: DecisionContext, state: Present): string {
  const last = steps.findLast(({ name }) => name in state.steps);
  return (last && state.steps[last.name]?.commandId) ?? '';
}

/** Why an action is refused, by code. */
export const operatorRefusals = {
  saga_ended: 'The saga has ended',
  saga_paused: 'The saga is paused: resume it first',
  saga_not_paused: 'The saga is not paused',
  already_compensating: 'The saga is being compensated already',
  after_pivot: 'The pivot was sent: from there on the saga only goes forward',
  pivot_decides: 'Only the participant of the pivot can decide it: retry the step',
  unexpected_result: 'The result is not a reply to the command that the saga waits for',
} as const satisfies Partial<Record<SagaErrorCode, string>>;

export type OperatorRefusal = keyof typeof operatorRefusals;

/** Returns why the saga refuses the action, or undefined if it takes it. */
export function refusalOf(
  definition: SagaDefinition,
  input: Pick<OperatorInput, 'action'> & { readonly result?: Message },
  state: SagaState,
): OperatorRefusal | undefined {
  if (state.status === 'absent' || state.status === 'completed' || state.status === 'compensated')
    return 'saga_ended';
  if (input.action === 'resume') return state.paused === undefined ? 'saga_not_paused' : undefined;
  if (state.paused !== undefined) return 'saga_paused';
  if (input.action === 'compensate') {
    if (state.status !== 'running') return 'already_compensating';
    return pivotSent(definition, state) ? 'after_pivot' : undefined;
  }
  return input.action === 'skip' ? refusalOfResult(definition, state, input.result) : undefined;
}

function refusalOfResult(
  definition: SagaDefinition,
  state: Present,
  result: Message | undefined,
): OperatorRefusal | undefined {
  const [waits] = awaited(state);
  if (waits === undefined || result === undefined) return 'unexpected_result';
  const { role, step: name } = waits;
  const step = definition.steps.find((each) => each.name === name);
  if (role === 'step' && step?.kind === 'pivot') return 'pivot_decides';
  return verdictOf(definition, waits, result.type) === undefined ? 'unexpected_result' : undefined;
}
