import { ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import { accessRefusal, causesOf, ConnectionLost } from './connection-errors.ts';
import { codeOfErrorName, kindOf, type ClientErrorCode, type ClientErrorKind } from './error-catalogue.ts';

/** Every error that a call of the client throws or rejects with. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  readonly kind: ClientErrorKind;
  /** Kafka's name of the error that a broker answered, if that is the cause. */
  readonly errorName?: ErrorName;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
    const answered = causesOf(options?.cause).find((one) => one instanceof ProtocolError);
    if (answered) this.errorName = answered.errorName;
    this.kind = kindOf(code, answered?.errorName);
  }
}

/** True for a failure of the client that passes by itself, such as a partition without a leader. */
export const isRetriableError = (error: unknown): boolean =>
  error instanceof ClientError && error.kind === 'retriable';

/**
 * Translates any error into a `ClientError` with a code of our catalogue, and keeps it as the
 * cause. `attempt` says what the client was doing.
 */
export function toClientError(error: unknown, attempt: string): ClientError {
  if (error instanceof ClientError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const refusal = accessRefusal(cause);
  if (refusal !== undefined) return new ClientError('access_refused', `${attempt}: ${refusal}`, { cause });
  const causes = causesOf(cause);
  const refused = causes.find((one) => one instanceof ProtocolError);
  if (refused) {
    const code = codeOfErrorName(refused.errorName);
    return new ClientError(code, `${attempt}: ${refused.message}`, { cause });
  }
  const known = causes.find((one) => one instanceof ClientError);
  if (known) return new ClientError(known.code, `${attempt}: ${known.message}`, { cause });
  const lost = causes.find((one) => one instanceof ConnectionLost);
  if (lost) return new ClientError('unreachable', `${attempt}: ${lost.message}`, { cause });
  return new ClientError('broker_error', `${attempt}: ${cause.message}`, { cause });
}

/** Returns true if the broker answered with one of these errors. */
export function isProtocolError(error: unknown, ...names: readonly ErrorName[]): boolean {
  return causesOf(error).some((cause) => cause instanceof ProtocolError && names.includes(cause.errorName));
}
