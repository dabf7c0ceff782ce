import { doubled } from '@millrace/streaming-core/runtime';
import type { Failure, SagaDefinition } from '../definition/definition.ts';
import type { CommandSent, Role, SagaEvent } from './events.ts';
import {
  evolve,
  closingStep,
  type Present,
  type SagaState,
  resendable,
  tokenOf,
  type Awaited,
} from './state.ts';
import type { SagaSettings } from './settings.ts';
import type { TimerInput } from './inputs.ts';

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

/**
 * Decides what follows when no reply has come: a compensatable step is sent again and finally given
 * up, and every other command is sent again forever.
 */
export function decideTimer(
  context: DecisionContext,
  { token }: TimerInput,
  state: Present,
): readonly SagaEvent[] {
  const waited = resendable(state).find(({ exchange }) => tokenOf(exchange) === token);
  if (waited === undefined) return []; // its reply or a pause came first, or it has already fired
  return isExhausted(context, waited) ? timedOut(context, state, waited) : resend(context, waited);
}

function isExhausted(
  { definition, settings }: DecisionContext,
  { role, step: name, exchange }: Awaited,
): boolean {
  const step = definition.steps.find((each) => each.name === name);
  return (
    role === 'step' &&
    step?.kind === 'compensatable' &&
    exchange.attempts > (step.resendsMax ?? settings.resendsMax)
  );
}

function timedOut(
  context: DecisionContext,
  state: Present,
  { step, role, exchange }: Awaited,
): readonly SagaEvent[] {
  const { commandId } = exchange;
  const recorded: SagaEvent = { type: 'StepTimedOut', step, role, commandId, at: context.at };
  return [
    recorded,
    ...startCompensation(context, evolve(state, recorded), { reason: 'step_timeout', step }, commandId),
  ];
}

/** Sends a command once more. Reports once if it has been sent too often. */
export function resend(
  { definition, settings, at }: DecisionContext,
  { step, role, exchange }: Awaited,
): readonly SagaEvent[] {
  const { commandId, attempts, needsAttention } = exchange;
  const again: SagaEvent = { type: 'CommandResent', step, role, commandId, attempt: attempts + 1, at };
  const alarming =
    attempts + 1 > settings.attemptsBeforeAttention &&
    !needsAttention &&
    isRetriedForever(definition, role, step);
  return alarming
    ? [again, { type: 'AttentionNeeded', step, role, commandId, attempts: attempts + 1, at }]
    : [again];
}

/** How long a step may take. This is the base of the waits for its commands. */
export const timeoutOf = (definition: SagaDefinition, settings: SagaSettings, name: string): number =>
  definition.steps.find((step) => step.name === name)?.timeoutMs ?? settings.stepTimeoutMs;

/** The shortest time after which a timer of these sagas is due. */
export const shortestTimeout = (definitions: readonly SagaDefinition[], settings: SagaSettings): number =>
  Math.min(
    ...definitions.flatMap((each) => each.steps.map(({ name }) => timeoutOf(each, settings, name))),
    settings.stepTimeoutMs,
  );

/**
 * How long to wait for the answer to this sending. It is the step's timeout. For a command that is
 * never given up, it doubles with each sending, up to a limit.
 */
export function waitOf(
  definition: SagaDefinition,
  settings: SagaSettings,
  { step, role, exchange }: Awaited,
): number {
  const timeoutMs = timeoutOf(definition, settings, step);
  if (!isRetriedForever(definition, role, step)) return timeoutMs;
  return doubled(timeoutMs, exchange.attempts - 1, Math.max(timeoutMs, settings.resendDelayMsMax));
}

const isRetriedForever = (definition: SagaDefinition, role: string, name: string): boolean =>
  role !== 'step' || definition.steps.find((step) => step.name === name)?.kind !== 'compensatable';
