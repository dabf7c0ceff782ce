import type { DurationMs } from '@millrace/streaming-core/runtime';

/** A span of time in Unix milliseconds. Whether `endMs` belongs to it depends on the kind of window. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** A key within a window. */
export interface Windowed<K> {
  readonly key: K;
  readonly window: Window;
}

/**
 * Windows of one size that start at multiples of `advanceMs` since 1970. The start belongs to a
 * window, the end does not. They tumble if both spans are equal, and overlap (hop) otherwise.
 */
export interface TimeWindows {
  readonly kind: 'time';
  readonly sizeMs: DurationMs;
  readonly advanceMs: DurationMs;
  readonly graceMs: DurationMs;
  /**
   * Returns windows that take records until stream time has passed their end by this span. The
   * default is 0.
   */
  grace(graceMs: DurationMs): TimeWindows;
  /**
   * Returns windows that start every `advanceMs`. Throws `RangeError` unless it is from 1 to the
   * size.
   */
  advanceBy(advanceMs: DurationMs): TimeWindows;
  /** The starts of the windows that hold this time, ascending. Windows before 1970 are left out. */
  startsAt(timestampMs: number): readonly number[];
}

/** Tumbling windows of this size, with no grace (`TimeWindows.ofSizeWithNoGrace`). */
export function timeWindows(sizeMs: DurationMs): TimeWindows {
  requireSpan('size of a time window', sizeMs, { min: 1 });
  return timeWindowsOf({ sizeMs, advanceMs: sizeMs, graceMs: 0 });
}

function timeWindowsOf(spans: Pick<TimeWindows, 'sizeMs' | 'advanceMs' | 'graceMs'>): TimeWindows {
  const { sizeMs, advanceMs } = spans;
  return Object.freeze({
    ...spans,
    kind: 'time',
    grace: (graceMs: DurationMs) => timeWindowsOf({ ...spans, graceMs: checkedGrace('time', graceMs) }),
    advanceBy(span: DurationMs) {
      requireSpan('advance of a time window', span, { min: 1, max: sizeMs });
      return timeWindowsOf({ ...spans, advanceMs: span });
    },
    startsAt(timestampMs: number) {
      const starts: number[] = [];
      const first = Math.floor(Math.max(0, timestampMs - sizeMs + advanceMs) / advanceMs) * advanceMs;
      for (let startMs = first; startMs <= timestampMs; startMs += advanceMs) starts.push(startMs);
      return starts;
    },
  });
}

function checkedGrace(kind: string, graceMs: DurationMs): DurationMs {
  requireSpan(`grace of a ${kind} window`, graceMs, { min: 0 });
  return graceMs;
}

/**
 * Windows that hold records at most this far apart. Both ends belong to a window. A record opens
 * the window that ends at it, and the one that starts a millisecond later as soon as that window
 * has a record.
 */
export interface SlidingWindows {
  readonly kind: 'sliding';
  readonly timeDifferenceMs: DurationMs;
  readonly graceMs: DurationMs;
  /**
   * Returns windows that take records until stream time has passed their end by this span. The
   * default is 0.
   */
  grace(graceMs: DurationMs): SlidingWindows;
}

/** Sliding windows with no grace (`SlidingWindows.ofTimeDifferenceWithNoGrace`). */
export function slidingWindows(timeDifferenceMs: DurationMs): SlidingWindows {
  requireSpan('time difference of a sliding window', timeDifferenceMs, { min: 1 });
  return slidingWindowsOf(timeDifferenceMs, 0);
}

const slidingWindowsOf = (timeDifferenceMs: DurationMs, graceMs: DurationMs): SlidingWindows =>
  Object.freeze({
    kind: 'sliding',
    timeDifferenceMs,
    graceMs,
    grace: (span: DurationMs) => slidingWindowsOf(timeDifferenceMs, checkedGrace('sliding', span)),
  });

/**
 * Sessions per key that end after a gap without records. Records that are exactly the gap apart
 * belong to one session. A session starts at its first record and ends at its last.
 */
export interface SessionWindows {
  readonly kind: 'session';
  readonly gapMs: DurationMs;
  readonly graceMs: DurationMs;
  /**
   * Returns sessions that take records until stream time has passed their end by the gap and this
   * span. The default is 0.
   */
  grace(graceMs: DurationMs): SessionWindows;
}

/** Sessions with no grace (`SessionWindows.ofInactivityGapWithNoGrace`). */
export function sessionWindows(gapMs: DurationMs): SessionWindows {
  requireSpan('inactivity gap of a session window', gapMs, { min: 0 });
  return sessionWindowsOf(gapMs, 0);
}

const sessionWindowsOf = (gapMs: DurationMs, graceMs: DurationMs): SessionWindows =>
  Object.freeze({
    kind: 'session',
    gapMs,
    graceMs,
    grace: (span: DurationMs) => sessionWindowsOf(gapMs, checkedGrace('session', span)),
  });

/**
 * One window without an end, for records from its start on. Earlier ones belong to no window, and are
 * neither dropped nor late.
 */
export interface UnlimitedWindows {
  readonly kind: 'unlimited';
  readonly startMs: number;
  /** The end is `Number.MAX_SAFE_INTEGER`, where that of Kafka Streams is 2^63 - 1. */
  readonly sizeMs: number;
  readonly graceMs: 0;
  startsAt(timestampMs: number): readonly number[];
}

/**
 * The window of all records from this time on. Throws `RangeError` if it is negative or not an
 * integer.
 */
export function unlimitedWindows(startMs = 0): UnlimitedWindows {
  requireSpan('start of unlimited windows', startMs, { min: 0 });
  const starts = Object.freeze([startMs]);
  return Object.freeze({
    kind: 'unlimited',
    startMs,
    sizeMs: Number.MAX_SAFE_INTEGER - startMs,
    graceMs: 0,
    startsAt: (timestampMs: number) => (timestampMs >= startMs ? starts : none),
  });
}

const none: readonly number[] = Object.freeze([]);

/**
 * When a windowed aggregation sends results: at each update of a window, or once, after the window
 * has closed (KIP-825).
 */
export type EmitStrategy = 'on_window_update' | 'on_window_close';

/** Sends a result each time a window changes. This is the default. */
export const onWindowUpdate: EmitStrategy = 'on_window_update';
/** Sends one result per window, once the window and its grace period are over. */
export const onWindowClose: EmitStrategy = 'on_window_close';

/** Throws a RangeError unless the span is a whole number of milliseconds within the bounds. */
function requireSpan(
  name: string,
  spanMs: number,
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): void {
  if (Number.isSafeInteger(spanMs) && spanMs >= min && spanMs <= max) return;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
  throw new RangeError(
    `The ${name} is ${spanMs}, but it must be a whole number of milliseconds, ${bounds}. ` +
      'Use seconds(), minutes() or hours() to write it.',
  );
}
