/**
 * - `rolled_back`: COMMIT answered ROLLBACK, because a statement of the transaction had failed and its error was swallowed.
 * - `migration_changed`, `migration_unknown`, `migration_invalid`: the migrations of code and database do not agree.
 */
export type SqlErrorCode = 'rolled_back' | 'migration_changed' | 'migration_unknown' | 'migration_invalid';

/** What this library refuses about a database; an error of PostgreSQL itself is passed on as the driver gives it. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly code: SqlErrorCode;

  constructor(code: SqlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
