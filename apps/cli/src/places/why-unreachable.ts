interface Failure {
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/**
 * Returns why a connection failed. `fetch` has the reason in its cause, and an address that was
 * refused in several ways has its reasons in `errors` and no message.
 */
export function whyUnreachable(error: unknown): string {
  const { message, cause, errors = [] } = (error ?? {}) as Failure;
  if (errors.length > 0) return errors.map(whyUnreachable).join('; ');
  return cause == null ? message || String(error) : whyUnreachable(cause);
}
