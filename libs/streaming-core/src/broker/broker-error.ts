import type { errors } from '../runtime/errors.ts';

export type BrokerErrorCode = keyof typeof errors.broker;

/** Why a broker could not start. The message names the problem and the remedy. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: BrokerErrorCode;

  constructor(code: BrokerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
