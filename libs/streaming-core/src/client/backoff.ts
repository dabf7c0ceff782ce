import { doubled, type DurationMs } from '../runtime/index.ts';

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
