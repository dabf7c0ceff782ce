import { assertNever } from '@millrace/event-sourcing';
import type { SagaDefinition } from '../definition/definition.ts';
import type { SagaEvent, SagaStarted, Role } from './events.ts';
import type { CancelInput, FailedInput, SagaInput, StartInput } from './inputs.ts';

import { decideOperator } from './operator.ts';
import { decideMessage, decideReply } from './replies.ts';
import type { SagaSettings } from './settings.ts';
import { evolve } from './evolve.ts';
import { type DecisionContext, proceed, startCompensation } from './flow.ts';
import { type Present, type SagaState, awaited, pivotSent, resendable, tokenOf, openWaits } from './state.ts';
import { decideTimer, openDeadline, timeoutOf, waitOf, waitToken } from './timers.ts';

/**
 * The state after one input, with the events, commands and timer changes that follow from it. A
 * duplicate leads to none.
 */
export interface SagaDecision {
  readonly events: readonly SagaEvent[];
  readonly state: SagaState;
  readonly commands: readonly CommandToSend[];
  readonly timers: readonly TimerChange[];
}

/** A saga as pure functions over its own stream. */
export interface SagaDecider {
  readonly initialState: SagaState;
  decide(input: SagaInput, state: SagaState, newId: () => string): SagaDecision;
  evolve(state: SagaState, event: SagaEvent): SagaState;
}

/**
 * Builds the decider of a definition. Commands and timers follow from what the saga waits for
 * before and after its events. Until it ends, a saga therefore always has an open command or wait, each
 * with a timer.
 */
export function sagaDecider(definition: SagaDefinition, settings: SagaSettings): SagaDecider {
  return Object.freeze({
    initialState: { status: 'absent' } as const,
    evolve,
    decide(input: SagaInput, state: SagaState, newId: () => string): SagaDecision {
      const context = { definition, settings, newId, at: input.at };
      const events = eventsOf(context, input, state);
      const next = events.reduce(evolve, state);
      return { events, state: next, ...effects(context, state, next) };
    },
  });
}

function eventsOf(context: DecisionContext, input: SagaInput, state: SagaState): readonly SagaEvent[] {
  if (input.type === 'start') return state.status === 'absent' ? decideStart(context, input) : [];
  if (state.status === 'absent') return []; // no saga has this id: the message belongs to another process
  switch (input.type) {
    case 'reply':
      return decideReply(context, input, state);
    case 'message':
      return decideMessage(context, input, state);
    case 'cancel':
      return decideCancel(context, input, state);
    case 'timer':
      return decideTimer(context, input, state);
    case 'failed':
      return decideFailed(context, input, state);
    case 'operator':
      return decideOperator(context, input, state);
    default:
      return assertNever(input);
  }
}

function decideStart(
  context: DecisionContext,
  { sagaId, message, messageId, correlationId, startTopic, partition, at }: StartInput,
): readonly SagaEvent[] {
  const { name, version, startsWhen, deadline } = context.definition;
  if (startsWhen !== undefined && !startsWhen(message)) return [];
  const started: SagaStarted = {
    type: 'SagaStarted',
    definition: name,
    version,
    sagaId,
    start: message,
    messageId,
    correlationId,
    startTopic,
    partition,
    ...(deadline && { deadline: { id: context.newId(), at: later(at, deadline.after) } }),
    at,
  };
  return [started, ...proceed(context, evolve({ status: 'absent' }, started), messageId)];
}
const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/**
 * Decides a cancellation. Before the pivot is sent, it starts the compensation. Afterwards it is
 * only recorded, and the pivot's reply decides. While the saga is paused, it is recorded until the
 * saga is resumed.
 */
function decideCancel(
  context: DecisionContext,
  { messageId, at }: CancelInput,
  state: Present,
): readonly SagaEvent[] {
  const { cancelledBy } = context.definition;
  if (cancelledBy === undefined || state.cancellation !== undefined) return [];
  const recorded: SagaEvent = { type: 'CancellationRecorded', messageId, reason: cancelledBy.reason, at };
  const isRecordedOnly =
    state.status !== 'running' || state.paused !== undefined || pivotSent(context.definition, state);
  if (isRecordedOnly) return [recorded];
  return [
    recorded,
    ...startCompensation(context, evolve(state, recorded), { reason: cancelledBy.reason }, messageId),
  ];
}

/** The saga keeps waiting for the reply, and reports once that it needs attention. */
function decideFailed(
  { at }: DecisionContext,
  { commandId }: FailedInput,
  state: Present,
): readonly SagaEvent[] {
  return awaited(state)
    .filter(({ exchange }) => exchange.commandId === commandId && !exchange.needsAttention)
    .map(({ step, role, exchange: { attempts } }) => ({
      type: 'AttentionNeeded',
      step,
      role,
      commandId,
      attempts,
      at,
    }));
}

/** A command as data. Its message is built for each sending. */
export interface CommandToSend {
  readonly step: string;
  readonly role: Role;
  readonly commandId: string;
  readonly causationId: string;
}

/** The subject of a timer: a command, a wait, a delay, or the deadline of the saga. */
export type TimerRole = Role | 'wait' | 'delay' | 'deadline';
/** Takes the place of a step's name for the timer of the deadline. */
const deadlineStep = '(deadline)';

/**
 * A change to a timer. Each awaited command, each open wait and an open deadline has one: `set` replaces
 * the timer of the previous sending.
 */
export type TimerChange =
  | {
      readonly change: 'set';
      readonly step: string;
      readonly role: TimerRole;
      readonly token: string;
      readonly attempt: number;
      /** The delay from now. */
      readonly delayMs: number;
      /** The delay that is granted again after a disruption. */
      readonly stepTimeoutMs: number;
    }
  | { readonly change: 'clear'; readonly step: string; readonly role: TimerRole };
type SetTimer = Extract<TimerChange, { change: 'set' }>;

/**
 * Derives commands and timers from the difference between the previous waits and the present ones.
 */
function effects(
  { definition, settings, at }: DecisionContext,
  before: SagaState,
  after: SagaState,
): { commands: readonly CommandToSend[]; timers: readonly TimerChange[] } {
  const waited = new Set(resendable(before).map(({ exchange }) => tokenOf(exchange)));
  const had = timersOf(definition, settings, before, at);
  const has = timersOf(definition, settings, after, at);
  return {
    commands: resendable(after)
      .filter(({ exchange }) => !waited.has(tokenOf(exchange)))
      .map(({ step, role, exchange: { commandId, causationId } }) => ({
        step,
        role,
        commandId,
        causationId,
      })),
    timers: [
      ...had
        .filter(({ step, role }) => !has.some((timer) => timer.step === step && timer.role === role))
        .map(({ step, role }) => ({ change: 'clear', step, role }) as const),
      ...has.filter(({ token }) => !had.some((timer) => timer.token === token)),
    ],
  };
}

/** Returns the timers that a state has. A paused saga has none. */
function timersOf(
  definition: SagaDefinition,
  settings: SagaSettings,
  state: SagaState,
  at: string,
): readonly SetTimer[] {
  if (state.status === 'absent' || state.paused !== undefined) return [];
  const { stepTimeoutMs } = settings;
  const once = (role: TimerRole, step: string, id: string, until: string): SetTimer => {
    const delayMs = Math.max(0, Date.parse(until) - Date.parse(at));
    return { change: 'set', step, role, token: waitToken(id), attempt: 1, delayMs, stepTimeoutMs };
  };
  const deadline = openDeadline(definition, state);
  return [
    ...awaited(state).map((waits): SetTimer => ({
      change: 'set',
      step: waits.step,
      role: waits.role,
      token: tokenOf(waits.exchange),
      attempt: waits.exchange.attempts,
      delayMs: waitOf(definition, settings, waits),
      stepTimeoutMs: timeoutOf(definition, settings, waits.step),
    })),
    ...openWaits(state).map(({ name, wait }) => once(wait.kind, name, wait.waitId, wait.until)),
    ...(deadline === undefined ? [] : [once('deadline', deadlineStep, deadline.id, deadline.at)]),
  ];
}
