import type { DurationMs } from '@millrace/streaming-core/runtime';
import { requireSpan } from './window-span.ts';

/**
 * Sessions per key that end after a gap without records. Records that are exactly the gap apart
 * belong to one session. A session starts at its first record and ends at its last.
 */
export interface SessionWindows {
  readonly kind: 'session';
  readonly gapMs: DurationMs;
  readonly graceMs: DurationMs;
  /** A session takes records until stream time has passed its end by gap and grace. The default is 0. */
  grace(graceMs: DurationMs): SessionWindows;
}

/** Sessions with no grace (`SessionWindows.ofInactivityGapWithNoGrace`). */
export function sessionWindows(gapMs: DurationMs): SessionWindows {
  requireSpan('inactivity gap of a session window', gapMs, { min: 0 });
  return sessionWindowsOf(gapMs, 0);
}

function sessionWindowsOf(gapMs: DurationMs, graceMs: DurationMs): SessionWindows {
  return Object.freeze({
    kind: 'session',
    gapMs,
    graceMs,
    grace(span: DurationMs) {
      requireSpan('grace of a session window', span, { min: 0 });
      return sessionWindowsOf(gapMs, span);
    },
  });
}
