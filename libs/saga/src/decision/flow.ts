import { assertNever } from '@millrace/event-sourcing';
import {
  stepOf,
  type Failure,
  type Facts,
  type Flow,
  type FlowNode,
  type SagaDefinition,
  type Step,
} from '../definition/definition.ts';
import type { CommandSent, Role, SagaEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { closingStep, resultsOf, type Present, type SagaState } from './state.ts';
import type { SagaSettings } from './settings.ts';

export interface DecisionContext {
  readonly definition: SagaDefinition;
  readonly settings: SagaSettings;
  readonly newId: () => string;
  readonly at: string;
}

/**
 * Continues the flow from the saga's present point until it waits for something or has ended. If
 * its present part was refused, the saga is compensated.
 */
export function proceed(
  context: DecisionContext,
  state: SagaState,
  causationId: string,
): readonly SagaEvent[] {
  const events: SagaEvent[] = [];
  let current = state;
  while (current.status === 'running') {
    const next = nextEvents(context, context.definition.flow, current, causationId);
    if (next === 'waits') return events;
    const found = next === 'done' ? [{ type: 'SagaCompleted', at: context.at } as const] : next;
    events.push(...found);
    current = found.reduce(evolve, current as SagaState);
  }
  return events;
}

type Running = Extract<Present, { status: 'running' }>;
type Next = readonly SagaEvent[] | 'waits' | 'done';

/** Returns the events of the first part of the flow that is not done yet. */
function nextEvents(context: DecisionContext, flow: Flow, state: Running, causationId: string): Next {
  for (const node of flow) {
    const next = nextOf(context, node, state, causationId);
    if (next !== 'done') return next;
  }
  return 'done';
}

function nextOf(context: DecisionContext, node: FlowNode, state: Running, causationId: string): Next {
  switch (node.kind) {
    case 'compensatable':
    case 'pivot':
    case 'retriable':
      return together(context, [node], state, causationId);
    case 'group':
      return together(context, node.steps, state, causationId);
    case 'branch': {
      const path = state.branches?.[node.name];
      return path === undefined
        ? [{ type: 'BranchTaken', branch: node.name, path: pathOf(node.when, state), at: context.at }]
        : nextEvents(context, node[path], state, causationId);
    }
    case 'delay':
      return waitingFor(context, node, [], state, causationId);
    case 'wait':
      return waitingFor(context, node, node.timedOut, state, causationId);
    case 'fail':
      return startCompensation(context, state, { reason: node.reason }, causationId);
    default:
      return assertNever(node);
  }
}

const pathOf = (when: (facts: Facts) => boolean, state: Present): 'then' | 'otherwise' =>
  when({ start: state.start, results: resultsOf(state) }) ? 'then' : 'otherwise';

/** Sends the commands of steps that run side by side, and is done once all of them are accepted. */
function together(
  context: DecisionContext,
  steps: readonly Step[],
  { steps: sent }: Running,
  causationId: string,
): Next {
  const unsent = steps.filter(({ name }) => !(name in sent));
  if (unsent.length > 0) return unsent.map(({ name }) => sending(context, 'step', name, causationId));
  return steps.every(({ name }) => sent[name]?.status === 'accepted') ? 'done' : 'waits';
}

function waitingFor(
  context: DecisionContext,
  { kind, name, ms }: Extract<FlowNode, { kind: 'delay' | 'wait' }>,
  timedOut: Flow,
  state: Running,
  causationId: string,
): Next {
  const wait = state.waits?.[name];
  if (wait === undefined) {
    const until = new Date(Date.parse(context.at) + ms).toISOString();
    return [{ type: 'WaitStarted', wait: name, kind, waitId: context.newId(), until, at: context.at }];
  }
  switch (wait.status) {
    case 'open':
      return 'waits';
    case 'received':
      return 'done';
    case 'refused':
      return startCompensation(context, state, { reason: wait.reason, step: name }, causationId);
    case 'over':
      return nextEvents(context, timedOut, state, causationId);
    default:
      return assertNever(wait);
  }
}

/** Returns the names of the waits that the saga has come to or may still come to. */
export const waitsWithinReach = (flow: Flow, state: Present): readonly string[] =>
  flow.flatMap((node): readonly string[] => {
    switch (node.kind) {
      case 'branch': {
        const taken = state.branches?.[node.name];
        const paths = taken === undefined ? [...node.then, ...node.otherwise] : node[taken];
        return waitsWithinReach(paths, state);
      }
      case 'wait': {
        const { status } = state.waits?.[node.name] ?? {};
        const isHeard = status === 'received' || status === 'refused';
        return [node.name, ...(isHeard ? [] : waitsWithinReach(node.timedOut, state))];
      }
      default:
        return [];
    }
  });

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
 * Sends the compensation of the step whose command was sent last, of those that were not rejected and
 * have no compensation yet. If none is left, sends the closing command.
 */
export function compensateNext(
  context: DecisionContext,
  state: SagaState,
  causationId: string,
): readonly SagaEvent[] {
  if (state.status !== 'compensating') return [];
  const left = Object.entries(state.steps).findLast(
    ([name, { status }]) =>
      status !== 'rejected' &&
      !(name in state.compensations) &&
      stepOf(context.definition, name)?.kind === 'compensatable',
  );
  return [
    left === undefined
      ? sending(context, 'closing', closingStep, causationId)
      : sending(context, 'compensation', left[0], causationId),
  ];
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
