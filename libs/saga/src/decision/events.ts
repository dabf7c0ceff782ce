import type { Message } from '@millrace/streaming-core/contract';

/** What a command is for: a step, its compensation, or the closing of a compensated saga. */
export type Role = 'step' | 'compensation' | 'closing';

/** Times are ISO 8601, UTC. No event holds personal data: commands are rebuilt from the start message when they are sent again. */
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
  /** Pinned: the instance runs by this version to its end. */
  readonly version: number;
  readonly sagaId: string;
  readonly start: Message;
  readonly correlationId: string;
  /** Whoever owns this partition fires the saga's timers. */
  readonly startTopic: string;
  readonly partition: number;
}

export interface CommandSent extends CommandEventBase {
  readonly type: 'CommandSent';
  /** The message, or the unanswered command, that made the saga send it; the same for every re-send. */
  readonly causationId: string;
}

export interface CommandResent extends CommandEventBase {
  readonly type: 'CommandResent';
  /** 2 for the first re-send. */
  readonly attempt: number;
}

/** The reply that was asked for: `accepted` of a step or of the closing command, `compensated` of a compensation. */
export interface CommandAccepted extends CommandEventBase {
  readonly type: 'CommandAccepted';
  readonly messageId: string;
  /** Nobody waited any more: the step had timed out, or compensation had started. The compensation undoes it. */
  readonly late: boolean;
}

export interface CommandRejected extends CommandEventBase {
  readonly type: 'CommandRejected';
  readonly messageId: string;
  readonly reason: string;
  readonly late: boolean;
}

export interface StepTimedOut extends CommandEventBase {
  readonly type: 'StepTimedOut';
}

export interface CancellationRecorded extends SagaEventBase {
  readonly type: 'CancellationRecorded';
  readonly messageId: string;
  readonly reason: string;
}

/** From here on the saga compensates its steps, last first. */
export interface CompensationStarted extends SagaEventBase {
  readonly type: 'CompensationStarted';
  readonly reason: string;
  readonly step?: string;
}

export interface AttentionNeeded extends CommandEventBase {
  readonly type: 'AttentionNeeded';
  readonly attempts: number;
}

/** Kept for the audit; it changes nothing. */
export interface ReplyIgnored extends SagaEventBase {
  readonly type: 'ReplyIgnored';
  readonly messageType: string;
  readonly messageId: string;
  readonly causationId: string;
  readonly why: 'unknown_command' | 'unexpected_type' | 'contradiction';
}

/** Every step is accepted. */
export interface SagaCompleted extends SagaEventBase {
  readonly type: 'SagaCompleted';
}

/** Every compensation is done, and the closing command is answered. */
export interface SagaCompensated extends SagaEventBase {
  readonly type: 'SagaCompensated';
}

export type SagaEvent =
  | SagaStarted
  | CommandSent
  | CommandResent
  | CommandAccepted
  | CommandRejected
  | StepTimedOut
  | CancellationRecorded
  | CompensationStarted
  | AttentionNeeded
  | ReplyIgnored
  | SagaCompleted
  | SagaCompensated;
