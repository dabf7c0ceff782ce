import type { errors } from '../runtime/errors.ts';

export type SqlErrorCode = keyof typeof errors.sql;

/**
 * An error that this library raises about a database. Errors of PostgreSQL itself are passed on as
 * the driver reports them.
 */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly code: SqlErrorCode;

  constructor(code: SqlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
