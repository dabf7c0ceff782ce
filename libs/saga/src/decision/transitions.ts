import type { Failure, SagaDefinition } from '../definition/definition.ts';
import type { CommandSent, Role, SagaEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { SagaSettings } from './settings.ts';
import { closingStep, type Present, type SagaState } from './state.ts';

export interface DecisionContext {
  readonly definition: SagaDefinition;
  readonly settings: SagaSettings;
  readonly newId: () => string;
  readonly at: string;
}

/** Sends the first step. */
export const begin = (context: DecisionContext, causationId: string): readonly SagaEvent[] => {
  const first = context.definition.steps[0];
  return first === undefined ? [] : [sending(context, 'step', first.name, causationId)];
};

/** Sends the next step after `step` was accepted, or completes the saga. */
export function advance(context: DecisionContext, step: string, causationId: string): readonly SagaEvent[] {
  const { steps } = context.definition;
  const next = steps[steps.findIndex(({ name }) => name === step) + 1];
  return next === undefined
    ? [{ type: 'SagaCompleted', at: context.at }]
    : [sending(context, 'step', next.name, causationId)];
}

/**
 * Starts the compensation. The first cause is its reason: a recorded cancellation came before the
 * rejection of the pivot.
 */
export function startCompensation(
  context: DecisionContext,
  state: SagaState,
  failure: Failure,
  causationId: string,
): readonly SagaEvent[] {
  const cancelled = state.status === 'running' ? state.cancellation : undefined;
  const cause: Failure = cancelled === undefined ? failure : { reason: cancelled };
  const started: SagaEvent = { type: 'CompensationStarted', ...cause, at: context.at };
  return [started, ...compensateNext(context, evolve(state, started), causationId)];
}

/**
 * Sends the compensation of the last step that was sent, was not rejected and has no compensation
 * yet. If none is left, sends the closing command.
 */
export function compensateNext(
  context: DecisionContext,
  state: SagaState,
  causationId: string,
): readonly SagaEvent[] {
  if (state.status !== 'compensating') return [];
  const left = context.definition.steps.toReversed().find(({ kind, name }) => {
    const exchange = state.steps[name];
    return (
      kind === 'compensatable' &&
      exchange !== undefined &&
      exchange.status !== 'rejected' &&
      !(name in state.compensations)
    );
  });
  return [
    left === undefined
      ? sending(context, 'closing', closingStep, causationId)
      : sending(context, 'compensation', left.name, causationId),
  ];
}

/**
 * Does what follows from the last reply of a saga that recorded it while it was paused. The saga
 * waits for no command.
 */
export function goOn(context: DecisionContext, state: Present): readonly SagaEvent[] {
  if (state.status === 'closing') return [{ type: 'SagaCompensated', at: context.at }];
  const last = context.definition.steps.findLast(({ name }) => name in state.steps);
  const exchange = last && state.steps[last.name];
  if (last === undefined || exchange === undefined) return [];
  const { commandId } = exchange;
  if (state.status !== 'running') return compensateNext(context, state, commandId);
  return exchange.status === 'accepted'
    ? advance(context, last.name, commandId)
    : startCompensation(context, state, { reason: exchange.reason ?? '', step: last.name }, commandId);
}

const sending = (
  { newId, at }: DecisionContext,
  role: Role,
  step: string,
  causationId: string,
): CommandSent => ({
  type: 'CommandSent',
  step,
  role,
  commandId: newId(),
  causationId,
  at,
});
