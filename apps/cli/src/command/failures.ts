/** The command could not be carried out. The message names the remedy. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** The command line makes no sense. The message says what to give instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
