import type { DurationMs } from '../../runtime/index.ts';
import type { ClientError } from '../errors/client-error.ts';
import { invalid } from './items-of-call.ts';

/**
 * The place at which a group continues after a reset. The modes are those of
 * `kafka-consumer-groups`:
 * - `to-earliest`: at the first offset that the log holds
 * - `to-latest`: at the end of the log
 * - `to-offset`: at this offset
 * - `shift-by`: this many offsets after the committed one, or before it if `by` is negative
 * - `to-datetime`: at the first record with this timestamp or a later one, or else at the end
 * - `by-duration`: like `to-datetime`, this long before now
 *
 * An offset outside the range of the log becomes its beginning or its end.
 */
export type OffsetReset =
  | { readonly mode: 'to-earliest' }
  | { readonly mode: 'to-latest' }
  | { readonly mode: 'to-offset'; readonly offset: bigint }
  | { readonly mode: 'shift-by'; readonly by: bigint }
  | { readonly mode: 'to-datetime'; readonly time: Date }
  | { readonly mode: 'by-duration'; readonly durationMs: DurationMs };

/** The state of a partition before a reset. */
export interface ResetBasis {
  readonly committed: bigint | undefined;
  readonly logStart: bigint;
  readonly logEnd: bigint;
  /** The first offset at the time of the reset or later, or undefined if there is none. */
  readonly atTime?: bigint;
}

/** Returns the offset at which the group continues, or why there is none. */
export function resetTarget(reset: OffsetReset, basis: ResetBasis): bigint | ClientError {
  switch (reset.mode) {
    case 'to-earliest':
      return basis.logStart;
    case 'to-latest':
      return basis.logEnd;
    case 'to-offset':
      return withinLog(reset.offset, basis);
    case 'shift-by':
      if (basis.committed === undefined)
        return invalid('the group has no committed offset to shift: choose another mode for this partition');
      return withinLog(basis.committed + reset.by, basis);
    case 'to-datetime':
    case 'by-duration':
      return basis.atTime ?? basis.logEnd;
  }
}

/**
 * Returns the Unix time in milliseconds that the reset refers to, or undefined. It is at least 0,
 * because negative timestamps have a special meaning in ListOffsets.
 */
export function resetTime(reset: OffsetReset, nowMs: number): number | undefined {
  if (reset.mode === 'to-datetime') {
    const timeMs = reset.time.getTime();
    if (Number.isNaN(timeMs)) throw invalid('time is not a valid date: give for instance new Date(0)');
    return Math.max(0, timeMs);
  }
  if (reset.mode !== 'by-duration') return undefined;
  if (!(reset.durationMs >= 0))
    throw invalid(`durationMs is ${reset.durationMs}: give 0 or more milliseconds`);
  return Math.max(0, Math.floor(nowMs - reset.durationMs));
}

function withinLog(offset: bigint, { logStart, logEnd }: ResetBasis): bigint {
  if (offset > logEnd) return logEnd;
  return offset < logStart ? logStart : offset;
}
