import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { expiredSegments, type RetainedSegment } from '../partition-cleanup.ts';
import { topicSettings } from '../topics/topic-settings.ts';

const dayMs = 86_400_000;
/** Makes segments of ten offsets. Each row gives the age of the newest record in days, and the size in bytes. */
const segmentsOf = (
  ...rows: ReadonlyArray<readonly [ageDays: number, sizeBytes: number]>
): RetainedSegment[] =>
  rows.map(([ageDays, sizeBytes], place) => ({
    sizeBytes,
    nextOffset: BigInt(10 * (place + 1)),
    newestMs: BigInt(100 * dayMs - ageDays * dayMs),
  }));
const now = { nowMs: BigInt(100 * dayMs), highWatermark: 1_000n };
const expired = (segments: readonly RetainedSegment[], configs: Record<string, string> = {}, at = now) =>
  expiredSegments(segments, topicSettings(new Map(Object.entries(configs))), at);

describe('retention', () => {
  it('L17 keeps a week by default', () => {
    expect(expired(segmentsOf([8, 1], [7.1, 1], [7, 1], [1, 1]))).toBe(2);
  });

  it('L17 deletes old segments from the oldest on, and stops at the first young one', () => {
    expect(expired(segmentsOf([3, 1], [1, 1], [3, 1]), { 'retention.ms': String(2 * dayMs) })).toBe(1);
  });

  it('deletes even the active segment once all of it is old, unless it is empty', () => {
    expect(expired(segmentsOf([9, 1], [8, 1]))).toBe(2);
    expect(expired(segmentsOf([9, 1], [8, 0]))).toBe(1);
  });

  it('deletes by size as long as the rest still has retention.bytes', () => {
    const segments = segmentsOf([1, 100], [1, 100], [1, 100], [1, 50]);
    expect(expired(segments, { 'retention.bytes': '250' })).toBe(1);
    expect(expired(segments, { 'retention.bytes': '251' })).toBe(0);
    expect(expired(segments, { 'retention.bytes': '0' })).toBe(4);
  });

  it('L17 keeps everything forever with a limit of -1 or with compaction only', () => {
    const old = segmentsOf([10_000, 1], [9_000, 1]);
    expect(expired(old, { 'retention.ms': '-1', 'retention.bytes': '-1' })).toBe(0);
    expect(expired(old, { 'cleanup.policy': 'compact', 'retention.bytes': '0' })).toBe(0);
    expect(expired(old, { 'cleanup.policy': 'compact,delete' })).toBe(2);
  });

  it('keeps segments that are not entirely below the high watermark', () => {
    expect(expired(segmentsOf([9, 1], [9, 1], [9, 1]), {}, { ...now, highWatermark: 20n })).toBe(2);
  });

  it('L17 leaves less than retention.bytes plus one segment, for any log of closed segments', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 5_000 }), (all, bytes) => {
        const count = expired(segmentsOf(...all.map((size) => [0, size] as const)), {
          'retention.bytes': String(bytes),
        });
        const left = all.slice(count).reduce((sum, size) => sum + size, 0);
        expect(left).toBeLessThan(bytes + (all[count] ?? 1));
        if (count > 0) expect(left).toBeGreaterThanOrEqual(Math.min(bytes, left));
      }),
    );
  });
});
