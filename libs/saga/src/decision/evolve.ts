import { assertNever, type Folding } from '@millrace/event-sourcing';
import type { CommandSent, OperatorActed, Role, SagaEvent, SagaStarted } from './events.ts';
import type { Exchange, Present, SagaState } from './state.ts';

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
