import { pause, withDeadline, type Clock, type DurationMs, doubled } from '../../runtime/index.ts';
import { ClientError, isProtocolError, toClientError } from '../errors/client-error.ts';
import { isRetriable } from '../errors/error-catalogue.ts';
import { causesOf } from '../errors/connection-errors.ts';

export interface BackoffOptions {
  readonly retryDelayMsMin: DurationMs;
  readonly retryDelayMsMax: DurationMs;
  /** Returns a random number from [0, 1), uniformly distributed. */
  readonly random: () => number;
}

/**
 * Returns the delay before the next attempt. Its upper bound doubles from the minimum to the
 * maximum, and the delay is drawn at random from the upper half, so that many clients do not all
 * retry at the same moment.
 */
export function backoffDelay(attempt: number, options: BackoffOptions): DurationMs {
  const ceiling = doubled(options.retryDelayMsMin, attempt, options.retryDelayMsMax);
  return Math.round(ceiling * (0.5 + options.random() / 2));
}

interface RetrySettings extends BackoffOptions {
  readonly clock: Clock;
}

/** The rules by which an operation is retried. */
export interface Persistence {
  /** The description of the operation in errors, such as "creating topic orders". */
  readonly attempt: string;
  /** The time of the monotonic clock at which to give up. */
  readonly deadline: number;
  /** Aborts when the client closes. */
  readonly closing: AbortSignal;
  /** Returns true for errors that are worth a retry. The default is `passes`. */
  readonly isPassing?: (error: unknown) => boolean;
  /** Returns the error for a missed deadline. `last` is the last failure, if there was one. */
  readonly onLate?: (last: unknown) => ClientError;
}

/**
 * The backoff while a previous transaction ends. Its markers take a millisecond or two, so the
 * first retries come soon.
 */
const concurrentDelay = { retryDelayMsMin: 2, retryDelayMsMax: 20 };

/**
 * Runs `work`, beginning with round 0, and retries it with backoff while its error is temporary.
 */
export async function persistently<Result>(
  settings: RetrySettings,
  { attempt, deadline, closing, isPassing = passes, onLate = unanswered(attempt) }: Persistence,
  work: (round: number) => Promise<Result>,
): Promise<Result> {
  const { clock } = settings;
  let last: unknown;
  for (let round = 0; ; round += 1) {
    if (closing.aborted) throw new ClientError('closed', 'the client is closed', { cause: last });
    try {
      return await withDeadline(clock, deadline - clock.monotonic(), work(round), () => onLate(last));
    } catch (error) {
      last = error;
      if (!isPassing(error) || clock.monotonic() >= deadline) throw toClientError(error, attempt);
      await pause(clock, retryDelay(error, round, settings), closing);
    }
  }
}

/** Returns the delay before the next attempt after this error. */
export const retryDelay = (error: unknown, attempt: number, options: BackoffOptions): DurationMs =>
  backoffDelay(attempt, isConcurrent(error) ? { ...options, ...concurrentDelay } : options);

/** Returns true if the previous transaction of the same transactional id has not been completed. */
export const isConcurrent = (error: unknown): boolean => isProtocolError(error, 'CONCURRENT_TRANSACTIONS');

/**
 * Returns true for errors that are worth a retry. The broker also answers NOT_ENOUGH_REPLICAS while
 * it verifies the partition of a transaction (KIP-890).
 */
export function passes(error: unknown): boolean {
  const { code, kind, errorName } = toClientError(error, '');
  if (code === 'unreachable' || code === 'unknown_topic') return true;
  return kind === 'retriable' && errorName !== undefined && isRetriable(errorName);
}

/** Quotes the last failure if it has a message for the caller, such as which server is down. */
const unanswered = (attempt: string) => (last: unknown) => {
  const known = causesOf(last).find((cause) => cause instanceof ClientError);
  const reason = known === undefined ? '' : ` (${known.message})`;
  return new ClientError('timeout', `${attempt}: no answer in time${reason}`, { cause: last });
};
