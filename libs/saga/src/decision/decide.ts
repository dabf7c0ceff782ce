import { assertNever } from '@millrace/event-sourcing';
import type { SagaDefinition } from '../definition/definition.ts';
import type { SagaEvent, Role } from './events.ts';
import {
  evolve,
  awaited,
  pivotSent,
  type Present,
  type SagaState,
  resendable,
  tokenOf,
  type Awaited,
} from './state.ts';
import type { CancelInput, FailedInput, SagaInput, StartInput } from './inputs.ts';
import {
  begin,
  startCompensation,
  type DecisionContext,
  decideTimer,
  timeoutOf,
  waitOf,
} from './transitions.ts';
import { decideOperator } from './operator.ts';
import { decideReply } from './replies.ts';
import type { SagaSettings } from './settings.ts';

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
 * before and after its events. Until it ends, a saga therefore always has an open command and a
 * timer that sends it again.
 */
export function sagaDecider(definition: SagaDefinition, settings: SagaSettings): SagaDecider {
  return Object.freeze({
    initialState: { status: 'absent' } as const,
    evolve,
    decide(input: SagaInput, state: SagaState, newId: () => string): SagaDecision {
      const events = eventsOf({ definition, settings, newId, at: input.at }, input, state);
      const next = events.reduce(evolve, state);
      return { events, state: next, ...effects(definition, settings, state, next) };
    },
  });
}

function eventsOf(context: DecisionContext, input: SagaInput, state: SagaState): readonly SagaEvent[] {
  if (input.type === 'start') return state.status === 'absent' ? decideStart(context, input) : [];
  if (state.status === 'absent') return []; // no saga has this id: the message belongs to another process
  switch (input.type) {
    case 'reply':
      return decideReply(context, input, state);
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
  const { name, version } = context.definition;
  const started: SagaEvent = {
    type: 'SagaStarted',
    definition: name,
    version,
    sagaId,
    start: message,
    correlationId,
    startTopic,
    partition,
    at,
  };
  return [started, ...begin(context, messageId)];
}

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

/**
 * A change to the timer of a command. Each awaited command has one: `set` replaces the timer of the
 * previous sending.
 */
export type TimerChange =
  | {
      readonly change: 'set';
      readonly step: string;
      readonly role: Role;
      readonly token: string;
      readonly attempt: number;
      /** The delay from now. */
      readonly delayMs: number;
      /** The delay that is granted again after a disruption. */
      readonly stepTimeoutMs: number;
    }
  | { readonly change: 'clear'; readonly step: string; readonly role: Role };

/** Derives commands and timers from what the saga waited for and what it waits for now. */
function effects(
  definition: SagaDefinition,
  settings: SagaSettings,
  before: SagaState,
  after: SagaState,
): { commands: readonly CommandToSend[]; timers: readonly TimerChange[] } {
  const waited = resendable(before);
  const waits = resendable(after);
  const sent = waits.filter(
    ({ exchange }) => !waited.some((earlier) => tokenOf(earlier.exchange) === tokenOf(exchange)),
  );
  const over = waited.filter(
    ({ exchange }) => !waits.some((later) => later.exchange.commandId === exchange.commandId),
  );
  return {
    commands: sent.map(({ step, role, exchange: { commandId, causationId } }) => ({
      step,
      role,
      commandId,
      causationId,
    })),
    timers: [
      ...over.map(({ step, role }) => ({ change: 'clear', step, role }) as const),
      ...sent.map((one) => timer(definition, settings, one)),
    ],
  };
}

const timer = (definition: SagaDefinition, settings: SagaSettings, waits: Awaited): TimerChange => ({
  change: 'set',
  step: waits.step,
  role: waits.role,
  token: tokenOf(waits.exchange),
  attempt: waits.exchange.attempts,
  delayMs: waitOf(definition, settings, waits),
  stepTimeoutMs: timeoutOf(definition, settings, waits.step),
});
