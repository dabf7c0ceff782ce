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

/**
 * A handler throws this error if no retry can help. The message becomes a dead letter at once, with
 * this error as its reason.
 */
export class TerminalError extends ConsumerError {
  override readonly name = 'TerminalError';

  constructor(message: string, options?: ErrorOptions) {
    super('terminal', message, options);
  }
}

/**
 * A handler throws this error if its process cannot handle the message and the message is not at
 * fault. The partition is then blocked: its batch is retried without limit, no part of it is
 * committed, and none of its messages becomes a dead letter, until this or another process can
 * handle it.
 */
export class BlockedError extends ConsumerError {
  override readonly name = 'BlockedError';

  constructor(message: string, options?: ErrorOptions) {
    super('blocked', message, options);
  }
}

/**
 * The assignment epoch has changed, because another member owns the partition. The transaction
 * was rolled back.
 */
export class FencedError extends ConsumerError {
  override readonly name = 'FencedError';

  constructor(message: string, options?: ErrorOptions) {
    super('fenced', message, options);
  }
}
