import type { errors } from '../../runtime/errors.ts';

export type OutboxErrorCode = keyof typeof errors.outbox;

export class OutboxError extends Error {
  override readonly name = 'OutboxError';
  readonly code: OutboxErrorCode;

  constructor(code: OutboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
