/** The command could not be carried out. The message names the remedy. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** The arguments of the command are wrong. The message says what to give instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
