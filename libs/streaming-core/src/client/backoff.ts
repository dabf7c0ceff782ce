import { doubled, type DurationMs } from '../runtime/index.ts';

export interface BackoffOptions {
  readonly retryDelayMsMin: DurationMs;
  readonly retryDelayMsMax: DurationMs;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Doubles from the minimum to the maximum; each delay is drawn from its upper half, so that many clients do not come back at once. */
export function backoffDelay(attempt: number, options: BackoffOptions): DurationMs {
  const ceiling = doubled(options.retryDelayMsMin, attempt, options.retryDelayMsMax);
  return Math.round(ceiling * (0.5 + options.random() / 2));
}
