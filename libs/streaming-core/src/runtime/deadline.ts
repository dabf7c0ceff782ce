import type { Clock } from './clock.ts';
import type { DurationMs } from './duration.ts';

/**
 * Rejects with `onLate()` if `work` takes longer than the limit. A later failure of `work` is
 * ignored, so that it cannot become an unhandled rejection.
 */
export function withDeadline<Result>(
  clock: Clock,
  limitMs: DurationMs,
  work: Promise<Result>,
  onLate: () => Error,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(Math.max(0, limitMs), () => reject(onLate()));
    work.then(resolve, reject).finally(cancel);
  });
}
