/**
 * - `in_use`: a process of the application runs
 * - `input_invalid`: the request names a topic or a group that does not fit
 */
export type ResetErrorCode = 'in_use' | 'input_invalid';

/** The application was not reset, and nothing has changed. The message has the remedy. */
export class ResetError extends Error {
  override readonly name = 'ResetError';
  readonly code: ResetErrorCode;

  constructor(code: ResetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
