import { assertNever } from '@millrace/event-sourcing';
import type { SagaDefinition } from '../definition/definition.ts';
import { effects, type CommandToSend, type TimerChange } from './effects.ts';
import type { SagaEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { CancelInput, SagaInput, StartInput } from './inputs.ts';
import { begin, turnBack, type Making } from './moves.ts';
import { decideReply } from './replies.ts';
import type { SagaSettings } from './settings.ts';
import type { SagaState } from './state.ts';
import { decideTimer } from './timeouts.ts';

/** What one input makes a saga record and do. All empty for a duplicate. */
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
 * The decision of a definition. Commands and timers follow from what the saga waits for before and after its events, so a saga
 * that is not at its end always has a command out and a timer that sends it again.
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

function eventsOf(making: Making, input: SagaInput, state: SagaState): readonly SagaEvent[] {
  if (input.type === 'start') return state.status === 'absent' ? decideStart(making, input) : [];
  if (state.status === 'absent') return []; // nobody's saga: the message belongs to another way of fulfilling
  switch (input.type) {
    case 'reply':
      return decideReply(making, input, state);
    case 'cancel':
      return decideCancel(making, input, state);
    case 'timer':
      return decideTimer(making, input, state);
    default:
      return assertNever(input);
  }
}

function decideStart(
  making: Making,
  { sagaId, message, messageId, correlationId, startTopic, partition, at }: StartInput,
): readonly SagaEvent[] {
  const { name, version } = making.definition;
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
  return [started, ...begin(making, messageId)];
}

/** Before the pivot is sent a cancellation turns back; afterwards the pivot's reply decides, and the cancellation is only recorded. */
function decideCancel(
  making: Making,
  { messageId, at }: CancelInput,
  state: Exclude<SagaState, { status: 'absent' }>,
): readonly SagaEvent[] {
  const { cancelledBy, steps } = making.definition;
  if (cancelledBy === undefined || state.cancellation !== undefined) return [];
  const recorded: SagaEvent = { type: 'CancellationRecorded', messageId, reason: cancelledBy.reason, at };
  const pivotSent = steps.some((step) => step.kind === 'pivot' && step.name in state.steps);
  if (state.status !== 'running' || pivotSent) return [recorded];
  return [recorded, ...turnBack(making, evolve(state, recorded), { reason: cancelledBy.reason }, messageId)];
}
