import { doubled } from '@millrace/streaming-core/runtime';
import type { SagaDefinition } from '../definition/definition.ts';
import type { SagaEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { TimerInput } from './inputs.ts';
import { startCompensation, type DecisionContext } from './transitions.ts';
import type { SagaSettings } from './settings.ts';
import { resendable, tokenOf, type Awaited, type Present } from './state.ts';

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
