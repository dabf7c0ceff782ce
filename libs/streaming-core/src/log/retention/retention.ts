import type { TopicSettings } from '../topics/topic-settings.ts';

export interface RetainedSegment {
  readonly sizeBytes: number;
  readonly nextOffset: bigint;
  /** Time of its newest record, or of its file if no record has a time. */
  readonly newestMs: bigint;
}

interface Now {
  readonly nowMs: bigint;
  readonly highWatermark: bigint;
}

/**
 * The number of oldest segments to delete. These are first the segments whose newest record is
 * older than `retention.ms`, and then as many more as leave the rest with at least
 * `retention.bytes`. Never includes records at or above the high watermark, or an empty last
 * segment.
 */
export function expiredSegments(
  segments: readonly RetainedSegment[],
  settings: TopicSettings,
  now: Now,
): number {
  if (!settings.deletes) return 0;
  const mayGo = (place: number) => {
    const segment = segments[place];
    return (
      segment !== undefined &&
      segment.nextOffset <= now.highWatermark &&
      !(place === segments.length - 1 && segment.sizeBytes === 0)
    );
  };
  let count = 0;
  if (settings.retentionMs >= 0n)
    while (mayGo(count) && now.nowMs - segments[count]!.newestMs > settings.retentionMs) count += 1;
  if (settings.retentionBytes < 0n) return count;
  let surplus =
    segments.slice(count).reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n) -
    settings.retentionBytes;
  while (mayGo(count) && surplus >= BigInt(segments[count]!.sizeBytes)) {
    surplus -= BigInt(segments[count]!.sizeBytes);
    count += 1;
  }
  return count;
}
