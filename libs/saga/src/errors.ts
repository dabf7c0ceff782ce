/**
 * - `invalid_definition`: a saga is declared wrongly; fix the declaration.
 * - `unknown_version`: a live instance needs a definition version that is not registered; register it again.
 * - `wrong_key`: the start message's key is not the saga's id, so its replies would come on another partition.
 * - `unroutable_command`: a command is on none of the definition's command topics.
 */
export type SagaErrorCode = 'invalid_definition' | 'unknown_version' | 'wrong_key' | 'unroutable_command';

export class SagaError extends Error {
  override readonly name = 'SagaError';
  readonly code: SagaErrorCode;

  constructor(code: SagaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
