import type { errors } from '../runtime/errors.ts';

export type SqlErrorCode = keyof typeof errors.sql;

/** What this library refuses about a database; an error of PostgreSQL itself is passed on as the driver gives it. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly code: SqlErrorCode;

  constructor(code: SqlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
