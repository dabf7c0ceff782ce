import { assertNever, type Folding } from '@millrace/event-sourcing';
import type { Role, CommandSent, OperatorActed, SagaEvent, SagaStarted } from './events.ts';
import type { Exchange, Present, SagaState, WaitState } from './state.ts';

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
      return change(state, event, { status: 'accepted', repliedAt: event.at, ...takenResult(state, event) });
    case 'CommandRejected':
      return change(state, event, { status: 'rejected', repliedAt: event.at, reason: event.reason });
    case 'StepTimedOut':
      return change(state, event, { status: 'timed_out' });
    case 'AttentionNeeded':
      return change(state, event, { needsAttention: true });
    case 'BranchTaken':
      return { ...state, branches: { ...state.branches, [event.branch]: event.path } };
    case 'WaitStarted': {
      const { kind, waitId, at: since, until } = event;
      return withWait(state, event, { status: 'open', kind, waitId, since, until });
    }
    case 'MessageReceived':
      return withWait(state, event, { status: 'received', result: event.result });
    case 'MessageRefused':
      return withWait(state, event, { status: 'refused', reason: event.reason });
    case 'WaitOver':
      return withWait(state, event, { status: 'over' });
    case 'DeadlinePassed':
      return { ...state, deadline: undefined };
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

const withWait = (state: Present, { wait }: { wait: string }, is: WaitState): Present => ({
  ...state,
  waits: { ...state.waits, [wait]: is },
});

/**
 * A late result is taken as well, unless the command that undoes the step was sent: a re-send of that
 * command must not differ from the first sending.
 */
const takenResult = (
  { compensations }: Present,
  { role, step, result }: { role: Role; step: string; result?: unknown },
): Pick<Exchange, 'result'> =>
  role === 'step' && result !== undefined && !(step in compensations) ? { result } : {};

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
): Present {
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
