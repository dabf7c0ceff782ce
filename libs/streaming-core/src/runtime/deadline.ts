import type { Clock } from './clock.ts';
import type { DurationMs } from './duration.ts';

/** Gives `work` until the limit. The loser of the race is listened to, so that it never becomes an unhandled rejection. */
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
