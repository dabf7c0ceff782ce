import type { Message } from '@millrace/streaming-core/contract';
import { declareEvents, firstVersion } from '@millrace/event-sourcing';

/** The purpose of a command: a step, its compensation, or the closing of a compensated saga. */
export type Role = 'step' | 'compensation' | 'closing';

/**
 * Times are ISO 8601, UTC. No event holds personal data, and none has to: a command is rebuilt from
 * the start message when it is sent again.
 */
interface SagaEventBase {
  readonly at: string;
}

interface CommandEventBase extends SagaEventBase {
  readonly step: string;
  readonly role: Role;
  readonly commandId: string;
}

export interface SagaStarted extends SagaEventBase {
  readonly type: 'SagaStarted';
  readonly definition: string;
  /** The version that the instance follows until it ends. */
  readonly version: number;
  readonly sagaId: string;
  readonly start: Message;
  /** The id of the start message. Missing in events of the first release. */
  readonly messageId?: string;
  readonly correlationId: string;
  readonly startTopic: string;
  /**
   * The owner of this partition fires the saga's timers. It is missing if the saga starts locally.
   * Then each later message provides the partition for the timers that it sets.
   */
  readonly partition?: number;
  /** When the definition's deadline passes. Missing if it has none. */
  readonly deadline?: { readonly id: string; readonly at: string };
}

export interface CommandSent extends CommandEventBase {
  readonly type: 'CommandSent';
  /**
   * The id of the message, or of the unanswered command, that made the saga send this one. It is
   * the same for every re-send.
   */
  readonly causationId: string;
}

interface CommandResent extends CommandEventBase {
  readonly type: 'CommandResent';
  /** The number of this sending, which is 2 for the first re-send. */
  readonly attempt: number;
}

/**
 * The reply that the saga asked for: `accepted` for a step or the closing command, `compensated`
 * for a compensation.
 */
interface CommandAccepted extends CommandEventBase {
  readonly type: 'CommandAccepted';
  readonly messageId: string;
  /**
   * True if the saga no longer waited, because the step had timed out or the compensation had
   * started. The compensation then undoes the step.
   */
  readonly late: boolean;
}

interface CommandRejected extends CommandEventBase {
  readonly type: 'CommandRejected';
  readonly messageId: string;
  readonly reason: string;
  readonly late: boolean;
}

interface StepTimedOut extends CommandEventBase {
  readonly type: 'StepTimedOut';
}

/** The saga has taken one of the paths of a branch. */
interface BranchTaken extends SagaEventBase {
  readonly type: 'BranchTaken';
  readonly branch: string;
  readonly path: 'then' | 'otherwise';
}
/** The saga waits for a time (`delay`) or for a message from outside (`wait`), at most until a moment. */
interface WaitStarted extends SagaEventBase {
  readonly type: 'WaitStarted';
  readonly wait: string;
  readonly kind: 'delay' | 'wait';
  readonly waitId: string;
  readonly until: string;
}
/** The message of a wait has come, perhaps before the saga waits for it. */
interface MessageReceived extends SagaEventBase {
  readonly type: 'MessageReceived';
  readonly wait: string;
  readonly messageId: string;
  /** The part of the message that the wait's definition chose. */
  readonly result?: unknown;
}
/** The message has arrived that refuses what the saga waits for. */
interface MessageRefused extends SagaEventBase {
  readonly type: 'MessageRefused';
  readonly wait: string;
  readonly messageId: string;
  readonly reason: string;
}
/** A delay is over, or the message of a wait has not come in time. */
interface WaitOver extends SagaEventBase {
  readonly type: 'WaitOver';
  readonly wait: string;
}
/** The deadline of the saga has passed before its pivot was sent. */
interface DeadlinePassed extends SagaEventBase {
  readonly type: 'DeadlinePassed';
}
interface CancellationRecorded extends SagaEventBase {
  readonly type: 'CancellationRecorded';
  readonly messageId: string;
  readonly reason: string;
}

/** From here on, the saga compensates its steps, the last one first. */
interface CompensationStarted extends SagaEventBase {
  readonly type: 'CompensationStarted';
  readonly reason: string;
  readonly step?: string;
}

interface AttentionNeeded extends CommandEventBase {
  readonly type: 'AttentionNeeded';
  readonly attempts: number;
}

/** A reply that the saga ignored. It is kept for audits and changes nothing. */
interface ReplyIgnored extends SagaEventBase {
  readonly type: 'ReplyIgnored';
  readonly messageType: string;
  readonly messageId: string;
  readonly causationId: string;
  /** `not_awaited`: a message from outside that came twice, too late or after the saga has failed. */
  readonly why: 'unknown_command' | 'unexpected_type' | 'contradiction' | 'not_awaited';
}

export type OperatorAction = 'retry' | 'skip' | 'compensate' | 'pause' | 'resume';

/**
 * An operator acted. The events after this one are the consequences. Only `pause` and `resume` change
 * the state by themselves.
 */
export interface OperatorActed extends SagaEventBase {
  readonly type: 'OperatorActed';
  readonly action: OperatorAction;
  readonly actor: string;
  readonly reason: string;
  /** The step that the operator named, or the only one that the saga waited for. */
  readonly step?: string;
}

/** Every step has been accepted. */
interface SagaCompleted extends SagaEventBase {
  readonly type: 'SagaCompleted';
}

/** Every compensation is done, and the closing command has been answered. */
interface SagaCompensated extends SagaEventBase {
  readonly type: 'SagaCompensated';
}

export type SagaEvent =
  | SagaStarted
  | CommandSent
  | CommandResent
  | CommandAccepted
  | CommandRejected
  | StepTimedOut
  | BranchTaken
  | WaitStarted
  | MessageReceived
  | MessageRefused
  | WaitOver
  | DeadlinePassed
  | CancellationRecorded
  | CompensationStarted
  | AttentionNeeded
  | ReplyIgnored
  | OperatorActed
  | SagaCompleted
  | SagaCompensated;

/** The event types of saga streams, for the store of every service that runs sagas. */
export const sagaEventTypes = declareEvents<SagaEvent>({
  SagaStarted: firstVersion,
  CommandSent: firstVersion,
  CommandResent: firstVersion,
  CommandAccepted: firstVersion,
  CommandRejected: firstVersion,
  StepTimedOut: firstVersion,
  BranchTaken: firstVersion,
  WaitStarted: firstVersion,
  MessageReceived: firstVersion,
  MessageRefused: firstVersion,
  WaitOver: firstVersion,
  DeadlinePassed: firstVersion,
  CancellationRecorded: firstVersion,
  CompensationStarted: firstVersion,
  AttentionNeeded: firstVersion,
  ReplyIgnored: firstVersion,
  OperatorActed: firstVersion,
  SagaCompleted: firstVersion,
  SagaCompensated: firstVersion,
});
