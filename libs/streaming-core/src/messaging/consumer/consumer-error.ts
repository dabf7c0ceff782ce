import type { errors } from '../../runtime/errors.ts';

export type ConsumerErrorCode = keyof typeof errors.consumer;

export class ConsumerError extends Error {
  override readonly name: string = 'ConsumerError';
  readonly code: ConsumerErrorCode;

  constructor(code: ConsumerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A handler throws it to say that no retry can help: the message goes to the dead letters at once, with this as its reason. */
export class TerminalError extends ConsumerError {
  override readonly name = 'TerminalError';

  constructor(message: string, options?: ErrorOptions) {
    super('terminal', message, options);
  }
}

/**
 * A handler throws it to say that this process cannot handle the message, through no fault of the
 * message: its partition is blocked. The batch is retried for ever, nothing of it is committed, and
 * no message of it becomes a dead letter, until the handler or another process can handle it.
 */
export class BlockedError extends ConsumerError {
  override readonly name = 'BlockedError';

  constructor(message: string, options?: ErrorOptions) {
    super('blocked', message, options);
  }
}

/** The assignment epoch has moved on: another member owns the partition, and nothing of this transaction was kept. */
export class FencedError extends ConsumerError {
  override readonly name = 'FencedError';

  constructor(message: string, options?: ErrorOptions) {
    super('fenced', message, options);
  }
}
