import type { Failure, SagaDefinition } from '../definition/definition.ts';
import type { CommandSent, Role, SagaEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { SagaSettings } from './settings.ts';
import { closingStep, type SagaState } from './state.ts';

/** What a decision is made with. */
export interface Making {
  readonly definition: SagaDefinition;
  readonly settings: SagaSettings;
  readonly newId: () => string;
  readonly at: string;
}

/** Sends the first step. */
export const begin = (making: Making, causationId: string): readonly SagaEvent[] => {
  const first = making.definition.steps[0];
  return first === undefined ? [] : [sending(making, 'step', first.name, causationId)];
};

/** After `step` was accepted: the next one, or the end. */
export function goOn(making: Making, step: string, causationId: string): readonly SagaEvent[] {
  const { steps } = making.definition;
  const next = steps[steps.findIndex(({ name }) => name === step) + 1];
  return next === undefined
    ? [{ type: 'SagaCompleted', at: making.at }]
    : [sending(making, 'step', next.name, causationId)];
}

/** Turns the saga back. The first cause is the reason: a recorded cancellation came before the pivot's rejection. */
export function turnBack(
  making: Making,
  state: SagaState,
  failure: Failure,
  causationId: string,
): readonly SagaEvent[] {
  const cancelled = state.status === 'running' ? state.cancellation : undefined;
  const cause: Failure = cancelled === undefined ? failure : { reason: cancelled };
  const turned: SagaEvent = { type: 'TurnedBack', ...cause, at: making.at };
  return [turned, ...undoNext(making, evolve(state, turned), causationId)];
}

/** The next compensation, last step first, of a step that was sent and not rejected; when none is left, the closing command. */
export function undoNext(making: Making, state: SagaState, causationId: string): readonly SagaEvent[] {
  if (state.status !== 'compensating') return [];
  const left = making.definition.steps.toReversed().find(({ kind, name }) => {
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
      ? sending(making, 'closing', closingStep, causationId)
      : sending(making, 'compensation', left.name, causationId),
  ];
}

const sending = ({ newId, at }: Making, role: Role, step: string, causationId: string): CommandSent => ({
  type: 'CommandSent',
  step,
  role,
  commandId: newId(),
  causationId,
  at,
});
