import { CodedError } from '@millrace/streaming-core/runtime';

/** The errors that read models fail with, by code. */
export const readModelErrors = {
  read_model_mismatch: 'A table differs from its read model: one was changed without the other',
  projection_row_missing: 'A projection changed a row that does not exist: its rows do not match its events',
} as const;

/** The message says exactly what is wrong and what to do about it. */
export class ReadModelError extends CodedError<keyof typeof readModelErrors> {
  override readonly name = 'ReadModelError';
}

export type RefusalCode =
  'invalid_request' | 'version_not_reached' | 'too_many_waits' | 'too_many_live_events';

/**
 * A read that its caller can correct or repeat later. A service answers it as the problem of the
 * same code, with these fields.
 */
export class RefusedRead extends Error {
  override readonly name = 'RefusedRead';
  readonly code: RefusalCode;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, fields: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.fields = fields;
  }
}

/** A client asks for the live events of a stream that has ended, and has all of them (HTTP 204). */
export class AllEventsSent extends Error {
  override readonly name = 'AllEventsSent';
}

/**
 * A refusal of one field of a request, which `service-chassis` answers with 400 `invalid_request`.
 */
export const refusedField = (field: string, message: string): RefusedRead =>
  new RefusedRead('invalid_request', { errors: [{ field, message }] });
