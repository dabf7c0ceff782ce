interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** The name of the error with which `AbortSignal.timeout` ends a request. */
const timeout = 'TimeoutError';

/**
 * Returns why a connection failed. `fetch` has the reason in its cause, and an address that was
 * refused in several ways has its reasons in `errors` and no message.
 */
export function whyUnreachable(error: unknown): string {
  const { name, message, cause, errors = [] } = (error ?? {}) as Failure;
  if (name === timeout) return 'no answer in time';
  if (errors.length > 0) return errors.map(whyUnreachable).join('; ');
  return cause == null ? message || String(error) : whyUnreachable(cause);
}
