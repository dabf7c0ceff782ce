/** Every error of this library, by its code. */
export const sagaErrors = {
  invalid_definition: 'A saga definition is not valid',
  unknown_version: 'A live instance needs a version of its definition that is not registered',
  unknown_start_version: 'New instances are to start with a version that is not registered',
  wrong_key:
    "The key of the start message is not the saga's id, so replies would arrive on another partition",
  local_step_failed: 'The service could not decide the command of a local pivot',
  unroutable_command: "A command is on none of the definition's command topics",
} as const;

export type SagaErrorCode = keyof typeof sagaErrors;

export class SagaError extends Error {
  override readonly name = 'SagaError';
  readonly code: SagaErrorCode;

  constructor(code: SagaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
