import { assertNever } from '@millrace/event-sourcing';
import type { Message } from '@millrace/streaming-core/contract';
import { stepsOf, type Failure, type Results, type SagaDefinition } from '../definition/definition.ts';
import type { Role } from './events.ts';

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
  /** The part of the reply that the step's definition chose. */
  readonly result?: unknown;
}

type Exchanges = Readonly<Record<string, Exchange>>;

/** A delay or a wait for a message. The message may come before the saga waits for it. */
export type WaitState =
  | {
      readonly status: 'open';
      readonly kind: 'delay' | 'wait';
      readonly waitId: string;
      readonly since: string;
      readonly until: string;
    }
  | { readonly status: 'received'; readonly result?: unknown }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'over' };

interface Progress {
  readonly definition: string;
  readonly version: number;
  readonly sagaId: string;
  readonly start: Message;
  /** Missing for a saga that an earlier release started. */
  readonly messageId?: string;
  readonly correlationId: string;
  readonly startTopic: string;
  /** Missing if the saga started locally. */
  readonly partition?: number;
  readonly startedAt: string;
  /**
   * The exchanges by step name, in the order in which the commands were sent. A step whose command
   * was not sent has none.
   */
  readonly steps: Exchanges;
  readonly compensations: Exchanges;
  /** The paths that were taken, by the name of the branch. */
  readonly branches?: Readonly<Record<string, 'then' | 'otherwise'>>;
  /** Delays and waits by name, as far as the saga has come to them or their message has come. */
  readonly waits?: Readonly<Record<string, WaitState>>;
  /** Missing if there is none, or once it has passed. */
  readonly deadline?: { readonly id: string; readonly at: string };
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
 * Returns the commands that the saga waits for. From its start to its end, it has at least one of them
 * or an open wait, unless it is paused.
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

/** A delay or wait that is open. */
export interface OpenWait {
  readonly name: string;
  readonly wait: Extract<WaitState, { status: 'open' }>;
}
/** Returns what the saga waits for from outside. A saga that is being compensated waits only for its commands. */
export const openWaits = (state: SagaState): readonly OpenWait[] =>
  state.status === 'running'
    ? Object.entries(state.waits ?? {}).flatMap(([name, wait]) =>
        wait.status === 'open' ? [{ name, wait }] : [],
      )
    : [];

/** Returns what replies and messages have said so far. */
export const resultsOf = ({ steps, waits = {} }: Present): Results =>
  Object.fromEntries(
    [...Object.entries(steps), ...Object.entries(waits)].flatMap(([name, part]) =>
      'result' in part && part.result !== undefined ? [[name, part.result]] : [],
    ),
  );

/** Returns the commands that the saga sends again if no reply comes: none while it is paused. */
export const resendable = (state: SagaState): readonly Awaited[] =>
  state.status !== 'absent' && state.paused !== undefined ? [] : awaited(state);

/**
 * Whether the pivot was sent. From then on the saga only goes forward, unless the pivot is
 * rejected.
 */
export const pivotSent = (definition: SagaDefinition, state: Present): boolean =>
  stepsOf(definition).some((step) => step.kind === 'pivot' && step.name in state.steps);

/** Identifies one sending of one command. */
export const tokenOf = ({ commandId, attempts }: Exchange): string => `${commandId}:${attempts}`;

/**
 * Whether a command of the saga has been sent so often without an answer that an operator should
 * look (`attemptsBeforeAttention`). The saga goes on sending it.
 */
export const needsAttention = (state: SagaState): boolean =>
  awaited(state).some(({ exchange }) => exchange.needsAttention);

export const isLive = ({ status }: SagaState): boolean =>
  status === 'running' || status === 'compensating' || status === 'closing';

/** Returns every command of the saga with its outcome so far. */
export const exchangesOf = (state: Present): readonly Awaited[] => {
  const of = (role: Role, exchanges: Exchanges) =>
    Object.entries(exchanges).map(([step, exchange]) => ({ step, role, exchange }));
  const closing: Exchanges = 'closing' in state ? { [closingStep]: state.closing } : {};
  return [...of('step', state.steps), ...of('compensation', state.compensations), ...of('closing', closing)];
};

/** Finds the command that a reply names as its cause. */
export const exchangeOf = (state: Present, commandId: string): Awaited | undefined =>
  exchangesOf(state).find(({ exchange }) => exchange.commandId === commandId);
