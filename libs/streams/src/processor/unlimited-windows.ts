import { requireSpan } from './window-span.ts';

/**
 * One window without an end, for records from its start on. Earlier ones belong to no window, and are
 * neither dropped nor late.
 */
export interface UnlimitedWindows {
  readonly kind: 'unlimited';
  readonly startMs: number;
  /** The end is at `Number.MAX_SAFE_INTEGER`, where that of Kafka Streams is at 2^63 - 1. */
  readonly sizeMs: number;
  readonly graceMs: 0;
  startsAt(timestampMs: number): readonly number[];
}

/** The window of all records from this time on. Throws a RangeError if it is negative or no integer. */
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
