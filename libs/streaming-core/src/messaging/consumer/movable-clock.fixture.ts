import { systemClock, type Clock, type DurationMs } from '../../runtime/index.ts';

/**
 * A clock whose time of day changes only when a test moves it. Timers run in real time, and fire at
 * once if a move makes them due.
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
