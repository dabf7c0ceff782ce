/** An operation could not be carried out. The message names the remedy. */
export class OperationFailed extends Error {
  override readonly name: string = 'OperationFailed';
}

/** The input is invalid. The message says what to give instead. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
}
