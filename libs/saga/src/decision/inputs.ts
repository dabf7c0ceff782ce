import type { Message } from '@millrace/streaming-core/contract';

/** `at` is ISO 8601, UTC: the moment at which the saga takes its input. */
interface Given {
  readonly at: string;
}

export interface StartInput extends Given {
  readonly type: 'start';
  readonly sagaId: string;
  readonly message: Message;
  readonly messageId: string;
  readonly correlationId: string;
  readonly startTopic: string;
  readonly partition: number;
}

/** Any message that may answer a command of the saga: `causationId` says which. */
export interface ReplyInput extends Given {
  readonly type: 'reply';
  readonly message: Message;
  readonly messageId: string;
  readonly causationId: string;
}

export interface CancelInput extends Given {
  readonly type: 'cancel';
  readonly messageId: string;
}

export interface TimerInput extends Given {
  readonly type: 'timer';
  /** Names one sending of one command: a token of an earlier one is out of date. */
  readonly token: string;
}

export type SagaInput = StartInput | ReplyInput | CancelInput | TimerInput;
