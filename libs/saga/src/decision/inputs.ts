import type { Message } from '@millrace/streaming-core/contract';

/** `at` is the moment at which the saga takes the input (ISO 8601, UTC). */
interface InputBase {
  readonly at: string;
}

export interface StartInput extends InputBase {
  readonly type: 'start';
  readonly sagaId: string;
  readonly message: Message;
  readonly messageId: string;
  readonly correlationId: string;
  readonly startTopic: string;
  /** Missing if the saga starts in the transaction that writes the message. */
  readonly partition?: number;
}

/** A message that may answer a command of the saga. `causationId` says which one. */
export interface ReplyInput extends InputBase {
  readonly type: 'reply';
  readonly message: Message;
  readonly messageId: string;
  readonly causationId: string;
}

/** A message from outside that the saga waits for, or that refuses it. */
interface MessageInput extends InputBase {
  readonly type: 'message';
  readonly message: Message;
  readonly messageId: string;
  readonly causationId: string;
}
export interface CancelInput extends InputBase {
  readonly type: 'cancel';
  readonly messageId: string;
}

export interface TimerInput extends InputBase {
  readonly type: 'timer';
  /**
   * Identifies one sending of one command, one wait, or the deadline. A token of an earlier sending is
   * out of date.
   */
  readonly token: string;
  /** True if the command was not sent, because an operator held it back. It is sent now. */
  readonly withheld?: boolean;
}

/** The service could not decide a local command. The command's timer tries again. */
export interface FailedInput extends InputBase {
  readonly type: 'failed';
  readonly commandId: string;
}

interface OperatorInputBase extends InputBase {
  readonly type: 'operator';
  readonly actor: string;
  readonly reason: string;
}

/**
 * An action of an operator. `skip` brings the reply or the message that the saga takes instead of
 * waiting. Without one, it ends a delay, or a wait as if its time were over.
 */
export type OperatorInput = OperatorInputBase &
  (
    | { readonly action: 'compensate' | 'pause' | 'resume' }
    /** `step` is what the saga waits for. It may be left out if that is only one thing. */
    | { readonly action: 'retry'; readonly step?: string }
    | { readonly action: 'skip'; readonly step?: string; readonly result?: Message }
  );

export type SagaInput =
  StartInput | ReplyInput | MessageInput | CancelInput | TimerInput | FailedInput | OperatorInput;
