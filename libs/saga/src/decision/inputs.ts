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

export interface CancelInput extends InputBase {
  readonly type: 'cancel';
  readonly messageId: string;
}

export interface TimerInput extends InputBase {
  readonly type: 'timer';
  /** Identifies one sending of one command. A token of an earlier sending is out of date. */
  readonly token: string;
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

/** An action of an operator. `skip` brings the reply that the saga takes instead of waiting. */
export type OperatorInput = OperatorInputBase &
  (
    | { readonly action: 'retry' | 'compensate' | 'pause' | 'resume' }
    | { readonly action: 'skip'; readonly result: Message }
  );

export type SagaInput = StartInput | ReplyInput | CancelInput | TimerInput | FailedInput | OperatorInput;
