/**
 * - `message_too_large`: over 900,000 bytes with its key and headers.
 * - `message_invalid`: it could not be published as a CloudEvent.
 * - `too_many_messages`: more than one statement takes.
 * - `cursor_refused`: the relay's cursor belongs to another store, or lies beyond this one.
 * - `lease_lost`: another relay holds the lease now.
 * - `holder_taken`: another process runs a relay under the same holder name; this one has stopped for good.
 */
export type OutboxErrorCode =
  | 'message_too_large'
  | 'message_invalid'
  | 'too_many_messages'
  | 'cursor_refused'
  | 'lease_lost'
  | 'holder_taken';

export class OutboxError extends Error {
  override readonly name = 'OutboxError';
  readonly code: OutboxErrorCode;

  constructor(code: OutboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
