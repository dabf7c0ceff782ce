import type { errors } from '../../runtime/errors.ts';

export type ExternalCallErrorCode = keyof typeof errors.externalCall;

export class ExternalCallError extends Error {
  override readonly name = 'ExternalCallError';
  readonly code: ExternalCallErrorCode;

  constructor(code: ExternalCallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
