import { systemClock, type Clock, type DurationMs } from '../../../runtime/index.ts';

/**
 * The time of day stands still until a test moves it. Timers run in real time, and at once when a
 * move has made them due.
 */
export function movableClock(): Clock & { advance(spanMs: DurationMs): void } {
  const startMs = systemClock.now();
  let movedMs = 0;
  const waiting = new Set<{ readonly atMs: number; run(): void }>();
  const monotonic = () => systemClock.monotonic() + movedMs;
  return {
    now: () => startMs + movedMs,
    monotonic,
    after(span, work) {
      const timer = { atMs: monotonic() + span, run: () => (cancel(), work()) };
      const stop = systemClock.after(span, () => timer.run());
      const cancel = () => {
        stop();
        waiting.delete(timer);
      };
      waiting.add(timer);
      return cancel;
    },
    advance(spanMs) {
      movedMs += spanMs;
      for (const timer of [...waiting]) if (timer.atMs <= monotonic()) timer.run();
    },
  };
}
