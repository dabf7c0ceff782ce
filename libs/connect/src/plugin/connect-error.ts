/** The external database or server does not answer now. The worker calls the task again, with backoff. */
export class RetriableConnectError extends Error {
  override name = 'RetriableConnectError';
}

/**
 * A failure that only a person can fix. The task becomes FAILED with this message, which says what is wrong
 * and what to do.
 */
export class ConnectError extends Error {
  override name = 'ConnectError';
}
