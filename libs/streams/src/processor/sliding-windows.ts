import type { DurationMs } from '@millrace/streaming-core/runtime';
import { requireSpan } from './window-span.ts';

/**
 * Windows that hold records at most this far apart. Both ends belong to a window. A record opens
 * the window that ends at it, and one that starts a millisecond after it as soon as that has a record.
 */
export interface SlidingWindows {
  readonly kind: 'sliding';
  readonly timeDifferenceMs: DurationMs;
  readonly graceMs: DurationMs;
  /** A window takes records until stream time has passed its end by this span. The default is 0. */
  grace(graceMs: DurationMs): SlidingWindows;
}

/** Sliding windows with no grace (`SlidingWindows.ofTimeDifferenceWithNoGrace`). */
export function slidingWindows(timeDifferenceMs: DurationMs): SlidingWindows {
  requireSpan('time difference of a sliding window', timeDifferenceMs, { min: 1 });
  return slidingWindowsOf(timeDifferenceMs, 0);
}

function slidingWindowsOf(timeDifferenceMs: DurationMs, graceMs: DurationMs): SlidingWindows {
  return Object.freeze({
    kind: 'sliding',
    timeDifferenceMs,
    graceMs,
    grace(span: DurationMs) {
      requireSpan('grace of a sliding window', span, { min: 0 });
      return slidingWindowsOf(timeDifferenceMs, span);
    },
  });
}
