import type { DurationMs } from '@millrace/streaming-core/runtime';
import { requireSpan } from './window-span.ts';

/**
 * Windows of one size that start at multiples of `advanceMs` since 1970. The start belongs to a
 * window, the end does not. They tumble if both spans are equal, and overlap (hop) otherwise.
 */
export interface TimeWindows {
  readonly kind: 'time';
  readonly sizeMs: DurationMs;
  readonly advanceMs: DurationMs;
  readonly graceMs: DurationMs;
  /** A window takes records until stream time has passed its end by this span. The default is 0. */
  grace(graceMs: DurationMs): TimeWindows;
  /** A window starts every `advanceMs`. Throws a RangeError unless it is from 1 to the size. */
  advanceBy(advanceMs: DurationMs): TimeWindows;
  /** The starts of the windows that hold this time, ascending. Windows before 1970 are left out. */
  startsAt(timestampMs: number): readonly number[];
}

/** Tumbling windows of this size, with no grace (`TimeWindows.ofSizeWithNoGrace`). */
export function timeWindows(sizeMs: DurationMs): TimeWindows {
  requireSpan('size of a time window', sizeMs, { min: 1 });
  return timeWindowsOf({ sizeMs, advanceMs: sizeMs, graceMs: 0 });
}

interface Spans {
  readonly sizeMs: DurationMs;
  readonly advanceMs: DurationMs;
  readonly graceMs: DurationMs;
}

function timeWindowsOf({ sizeMs, advanceMs, graceMs }: Spans): TimeWindows {
  return Object.freeze({
    kind: 'time',
    sizeMs,
    advanceMs,
    graceMs,
    grace(span: DurationMs) {
      requireSpan('grace of a time window', span, { min: 0 });
      return timeWindowsOf({ sizeMs, advanceMs, graceMs: span });
    },
    advanceBy(span: DurationMs) {
      requireSpan('advance of a time window', span, { min: 1, max: sizeMs });
      return timeWindowsOf({ sizeMs, advanceMs: span, graceMs });
    },
    startsAt(timestampMs: number) {
      const starts: number[] = [];
      const first = Math.floor(Math.max(0, timestampMs - sizeMs + advanceMs) / advanceMs) * advanceMs;
      for (let startMs = first; startMs <= timestampMs; startMs += advanceMs) starts.push(startMs);
      return starts;
    },
  });
}
