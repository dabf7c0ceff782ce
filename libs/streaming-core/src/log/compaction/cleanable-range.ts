import type { TopicSettings } from '../topics/topic-settings.ts';

interface SegmentToClean {
  readonly baseOffset: bigint;
  readonly sizeBytes: number;
  readonly firstTimestampMs: bigint | undefined;
  readonly newestMs: bigint;
}

interface LogToClean {
  readonly segments: readonly SegmentToClean[];
  readonly logStartOffset: bigint;
  /** From this offset on, transactions may still be open. */
  readonly lastStableOffset: bigint;
  /** The offset at which the last round ended, or undefined if there was none. */
  readonly cleanedTo: bigint | undefined;
  readonly settings: TopicSettings;
  readonly nowMs: bigint;
}

export interface CleanableRange {
  readonly firstDirtyOffset: bigint;
  /** The base offset of the first segment after the range. */
  readonly endOffset: bigint;
  /** The part of the range that was never cleaned, from 0 to 1. */
  readonly dirtyRatio: number;
}

/**
 * Returns what a round of compaction may clean now, or undefined if a round is not worth it. Never
 * includes the active segment, records younger than `min.compaction.lag.ms`, or open transactions.
 */
export function cleanableRange(log: LogToClean): CleanableRange | undefined {
  if (!log.settings.compacted) return undefined;
  const endOffset = firstUncleanable(log);
  const { compaction } = log.settings;
  const known = log.cleanedTo ?? 0n;
  const firstDirtyOffset =
    known < log.logStartOffset || known > endOffset ? min(log.logStartOffset, endOffset) : known;
  const below = log.segments.filter(({ baseOffset }) => baseOffset < endOffset);
  const dirty = below.filter((_, place) => (below[place + 1]?.baseOffset ?? endOffset) > firstDirtyOffset);
  const dirtyBytes = totalBytes(dirty);
  if (dirtyBytes === 0) return undefined;
  const dirtyRatio = dirtyBytes / totalBytes(below);
  const oldestMs = dirty[0]?.firstTimestampMs;
  const overdue = oldestMs !== undefined && oldestMs >= 0n && log.nowMs - oldestMs > compaction.lagMsMax;
  return dirtyRatio > compaction.dirtyRatioMin || overdue
    ? { firstDirtyOffset, endOffset, dirtyRatio }
    : undefined;
}

function firstUncleanable({ segments, lastStableOffset, settings, nowMs }: LogToClean): bigint {
  const { lagMsMin } = settings.compaction;
  const active = segments.at(-1)!.baseOffset;
  const holding = segments.findLast(({ baseOffset }) => baseOffset <= lastStableOffset)?.baseOffset ?? 0n;
  const young =
    lagMsMin > 0n ? segments.find(({ newestMs }) => newestMs > nowMs - lagMsMin)?.baseOffset : undefined;
  return min(active, min(holding, young ?? active));
}

const totalBytes = (segments: readonly SegmentToClean[]): number =>
  segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

const min = (one: bigint, other: bigint): bigint => (one < other ? one : other);
