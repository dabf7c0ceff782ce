/**
 * - `invalid_request`: a key or payload outside the limits.
 * - `invalid_settings`: a lease that does not outlast the call.
 * - `call_timed_out`, `call_interrupted`: the outcome is unknown; the call is queried, then repeated.
 * - `lease_lost`: another worker has taken the call over; its result counts.
 */
export type ExternalCallErrorCode =
  'invalid_request' | 'invalid_settings' | 'call_timed_out' | 'call_interrupted' | 'lease_lost';

export class ExternalCallError extends Error {
  override readonly name = 'ExternalCallError';
  readonly code: ExternalCallErrorCode;

  constructor(code: ExternalCallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
