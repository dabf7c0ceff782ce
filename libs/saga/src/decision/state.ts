import { assertNever, type Folding } from '@millrace/event-sourcing';
import type { Message } from '@millrace/streaming-core/contract';
import type { Failure, SagaDefinition } from '../definition/definition.ts';
import type { Role, CommandSent, OperatorActed, SagaEvent, SagaStarted } from './events.ts';

/** One command and its outcome so far. */
export interface Exchange {
  readonly status: 'sent' | 'accepted' | 'rejected' | 'timed_out';
  readonly commandId: string;
  readonly causationId: string;
  readonly attempts: number;
  readonly sentAt: string;
  readonly repliedAt?: string;
  /** Why it was rejected. */
  readonly reason?: string;
  readonly needsAttention: boolean;
}

type Exchanges = Readonly<Record<string, Exchange>>;

interface Progress {
  readonly definition: string;
  readonly version: number;
  readonly sagaId: string;
  readonly start: Message;
  readonly correlationId: string;
  readonly startTopic: string;
  /** Missing if the saga started locally. */
  readonly partition?: number;
  readonly startedAt: string;
  /** The exchanges by step name. A step whose command was not sent has none. */
  readonly steps: Exchanges;
  readonly compensations: Exchanges;
  /** The reason of a recorded cancellation, whether or not it started the compensation. */
  readonly cancellation?: string;
  /** Present while the saga is paused. It then records what comes and sends nothing. */
  readonly paused?: { readonly actor: string; readonly reason: string; readonly at: string };
  /** The ids of ignored messages, so that a duplicate is not recorded twice. */
  readonly ignored: readonly string[];
}

type Absent = { readonly status: 'absent' };
type Running = Progress & { readonly status: 'running' };
type Compensating = Progress & { readonly status: 'compensating'; readonly failure: Failure };
/** Everything is undone, and the closing command awaits its answer. */
type Closing = Progress & {
  readonly status: 'closing';
  readonly failure: Failure;
  readonly closing: Exchange;
};
type Completed = Progress & { readonly status: 'completed' };
type Compensated = Progress & {
  readonly status: 'compensated';
  readonly failure: Failure;
  readonly closing: Exchange;
};

export type Present = Running | Compensating | Closing | Completed | Compensated;
export type SagaState = Absent | Present;

/**
 * Takes the place of a step's name for the command that belongs to no step. No step can have this
 * name.
 */
export const closingStep = '(closing)';

/** A command that the saga waits for. */
export interface Awaited {
  readonly step: string;
  readonly role: Role;
  readonly exchange: Exchange;
}

/**
 * Returns the commands that the saga waits for. From its start to its end, there is at least one,
 * unless the saga is paused.
 */
export function awaited(state: SagaState): readonly Awaited[] {
  switch (state.status) {
    case 'running':
      return open('step', state.steps);
    case 'compensating':
      return open('compensation', state.compensations);
    case 'closing':
      return open('closing', { [closingStep]: state.closing });
    case 'absent':
    case 'completed':
    case 'compensated':
      return [];
    default:
      return assertNever(state);
  }
}

const open = (role: Role, exchanges: Exchanges): readonly Awaited[] =>
  Object.entries(exchanges)
    .filter(([, exchange]) => exchange.status === 'sent')
    .map(([step, exchange]) => ({ step, role, exchange }));

/** Returns the commands that the saga sends again if no reply comes: none while it is paused. */
export const resendable = (state: SagaState): readonly Awaited[] =>
  state.status !== 'absent' && state.paused !== undefined ? [] : awaited(state);

/** From here on the saga only goes forward, unless the pivot is rejected. */
export const pivotSent = ({ steps }: SagaDefinition, state: Present): boolean =>
  steps.some((step) => step.kind === 'pivot' && step.name in state.steps);

/** Identifies one sending of one command. */
export const tokenOf = ({ commandId, attempts }: Exchange): string => `${commandId}:${attempts}`;

export const needsAttention = (state: SagaState): boolean =>
  awaited(state).some(({ exchange }) => exchange.needsAttention);

export const isLive = ({ status }: SagaState): boolean =>
  status === 'running' || status === 'compensating' || status === 'closing';

/** Finds the command that a reply names as its cause. */
export function exchangeOf(state: Present, commandId: string): Awaited | undefined {
  const closing = 'closing' in state ? { [closingStep]: state.closing } : {};
  const all = [
    ...Object.entries(state.steps).map(([step, exchange]) => ({ step, role: 'step' as const, exchange })),
    ...Object.entries(state.compensations).map(([step, exchange]) => ({
      step,
      role: 'compensation' as const,
      exchange,
    })),
    ...Object.entries(closing).map(([step, exchange]) => ({ step, role: 'closing' as const, exchange })),
  ];
  return all.find(({ exchange }) => exchange.commandId === commandId);
}

/** Folds the streams of sagas of every definition and version. */
export const sagaFolding: Folding<SagaEvent, SagaState> = { initialState: { status: 'absent' }, evolve };

/** Folds one event of a saga's stream. Throws if the stream does not begin with `SagaStarted`. */
export function evolve(state: SagaState, event: SagaEvent): SagaState {
  if (event.type === 'SagaStarted') return started(event);
  if (state.status === 'absent')
    throw new TypeError(`a saga's stream begins with ${event.type} instead of SagaStarted`);
  switch (event.type) {
    case 'CommandSent':
      return sent(state, event);
    case 'CommandResent':
      return change(state, event, { attempts: event.attempt });
    case 'CommandAccepted':
      return change(state, event, { status: 'accepted', repliedAt: event.at });
    case 'CommandRejected':
      return change(state, event, { status: 'rejected', repliedAt: event.at, reason: event.reason });
    case 'StepTimedOut':
      return change(state, event, { status: 'timed_out' });
    case 'AttentionNeeded':
      return change(state, event, { needsAttention: true });
    case 'CancellationRecorded':
      return { ...state, cancellation: event.reason };
    case 'CompensationStarted':
      return { ...state, status: 'compensating', failure: { reason: event.reason, step: event.step } };
    case 'OperatorActed':
      return acted(state, event);
    case 'ReplyIgnored':
      return { ...state, ignored: [...state.ignored, event.messageId] };
    case 'SagaCompleted':
      return { ...state, status: 'completed' };
    case 'SagaCompensated':
      return state.status === 'closing' ? { ...state, status: 'compensated' } : state;
    default:
      return assertNever(event);
  }
}

const started = ({ type: _, at, ...event }: SagaStarted): SagaState => ({
  status: 'running',
  ...event,
  startedAt: at,
  steps: {},
  compensations: {},
  ignored: [],
});

function acted(state: Present, { action, actor, reason, at }: OperatorActed): SagaState {
  if (action === 'pause') return { ...state, paused: { actor, reason, at } };
  if (action !== 'resume') return state;
  const { paused: _, ...resumed } = state;
  return resumed;
}

function sent(state: Present, { step, role, commandId, causationId, at }: CommandSent): SagaState {
  const exchange: Exchange = {
    status: 'sent',
    commandId,
    causationId,
    attempts: 1,
    sentAt: at,
    needsAttention: false,
  };
  switch (role) {
    case 'step':
      return { ...state, steps: { ...state.steps, [step]: exchange } };
    case 'compensation':
      return { ...state, compensations: { ...state.compensations, [step]: exchange } };
    case 'closing':
      return state.status === 'compensating' ? { ...state, status: 'closing', closing: exchange } : state;
    default:
      return assertNever(role);
  }
}

function change(
  state: Present,
  { step, role }: { step: string; role: Role },
  changes: Partial<Exchange>,
): SagaState {
  switch (role) {
    case 'step':
      return { ...state, steps: changed(state.steps, step, changes) };
    case 'compensation':
      return { ...state, compensations: changed(state.compensations, step, changes) };
    case 'closing':
      return 'closing' in state ? { ...state, closing: { ...state.closing, ...changes } } : state;
    default:
      return assertNever(role);
  }
}

function changed(exchanges: Present['steps'], step: string, changes: Partial<Exchange>): Present['steps'] {
  const before = exchanges[step];
  return before === undefined ? exchanges : { ...exchanges, [step]: { ...before, ...changes } };
}
