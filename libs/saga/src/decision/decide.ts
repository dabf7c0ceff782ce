import { assertNever } from '@millrace/event-sourcing';
import type { SagaDefinition } from '../definition/definition.ts';
import { effects, type CommandToSend, type TimerChange } from './effects.ts';
import type { SagaEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { CancelInput, FailedInput, SagaInput, StartInput } from './inputs.ts';
import { begin, startCompensation, type DecisionContext } from './transitions.ts';
import { decideOperator } from './operator.ts';
import { decideReply } from './replies.ts';
import type { SagaSettings } from './settings.ts';
import { awaited, pivotSent, type Present, type SagaState } from './state.ts';
import { decideTimer } from './timeouts.ts';

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
