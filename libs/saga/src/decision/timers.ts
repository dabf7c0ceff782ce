import { doubled } from '@millrace/streaming-core/runtime';
import { nodesOf, stepOf, stepsOf, type SagaDefinition } from '../definition/definition.ts';
import type { SagaEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { proceed, startCompensation, type DecisionContext } from './flow.ts';
import type { TimerInput } from './inputs.ts';
import type { SagaSettings } from './settings.ts';
import {
  openWaits,
  pivotSent,
  resendable,
  tokenOf,
  type Awaited,
  type OpenWait,
  type Present,
  type SagaState,
} from './state.ts';

/**
 * Decides what follows when a timer fires: no reply has come, a wait is over, or the deadline has
 * passed. A compensatable step is sent again and finally given up, and every other command is sent
 * again forever.
 */
export function decideTimer(
  context: DecisionContext,
  { token, withheld = false }: TimerInput,
  state: Present,
): readonly SagaEvent[] {
  // Nothing is found if the reply or a pause came first, or if the timer has already fired.
  const waited = resendable(state).find(({ exchange }) => tokenOf(exchange) === token);
  if (waited !== undefined)
    return isExhausted(context, waited) && !withheld
      ? timedOut(context, state, waited)
      : resend(context, waited);
  if (state.paused !== undefined) return [];
  const open = openWaits(state).find(({ wait }) => waitToken(wait.waitId) === token);
  if (open !== undefined) return endWait(context, state, open);
  const deadline = openDeadline(context.definition, state);
  return deadline !== undefined && waitToken(deadline.id) === token
    ? passDeadline(context, state, deadline.id)
    : [];
}

/** Identifies the timer of a wait or of the deadline, which fires once. */
export const waitToken = (id: string): string => `${id}:1`;

/** Ends a delay, or a wait whose message has not come in time. */
export function endWait(
  context: DecisionContext,
  state: Present,
  { name, wait: { waitId } }: OpenWait,
): readonly SagaEvent[] {
  const over: SagaEvent = { type: 'WaitOver', wait: name, at: context.at };
  return [over, ...proceed(context, evolve(state, over), waitId)];
}

function passDeadline(context: DecisionContext, state: Present, id: string): readonly SagaEvent[] {
  const passed: SagaEvent = { type: 'DeadlinePassed', at: context.at };
  const reason = context.definition.deadline?.reason ?? 'deadline';
  return [passed, ...startCompensation(context, evolve(state, passed), { reason }, id)];
}

/** Returns the deadline while it can still compensate the saga. */
export const openDeadline = (definition: SagaDefinition, state: SagaState): Present['deadline'] =>
  state.status === 'running' && !pivotSent(definition, state) ? state.deadline : undefined;

function isExhausted(
  { definition, settings }: DecisionContext,
  { role, step: name, exchange }: Awaited,
): boolean {
  const step = stepOf(definition, name);
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
  stepOf(definition, name)?.timeoutMs ?? settings.stepTimeoutMs;

/** The shortest time after which a timer of these sagas is due. */
export const shortestTimeout = (definitions: readonly SagaDefinition[], settings: SagaSettings): number =>
  Math.min(
    settings.stepTimeoutMs,
    ...definitions.flatMap((each) => [
      ...stepsOf(each).map(({ timeoutMs }) => timeoutMs ?? settings.stepTimeoutMs),
      ...nodesOf(each.flow).flatMap((node) => ('ms' in node ? [node.ms] : [])),
      ...(each.deadline === undefined ? [] : [each.deadline.after]),
    ]),
  );

/**
 * Returns how long to wait for the answer to this sending: the step's timeout. For a command that
 * is never given up, the time doubles with each sending, up to a limit.
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
  role !== 'step' || stepOf(definition, name)?.kind !== 'compensatable';
