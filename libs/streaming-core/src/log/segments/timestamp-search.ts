import type { RecordBatch } from '../batches/record-batch.ts';
import { recordsOf } from '../batches/records.ts';
import type { Segment } from './segment.ts';
import type { TimestampedOffset } from '../types.ts';

/** What of a log may be found: offsets from the start up to, and without, the end. */
export interface OffsetRange {
  readonly startOffset: bigint;
  readonly endOffset: bigint;
}

/** The first record, in offset order, at or after the time and in the range (L2, L3). */
export function findByTimestamp(segments: readonly Segment[], timestampMs: bigint, range: OffsetRange): TimestampedOffset | undefined {
  for (const segment of segments) {
    if (segment.baseOffset >= range.endOffset) return undefined;
    if (segment.maxTimestamp.timestampMs < timestampMs) continue;
    for (const { position, batch } of segment.headers(timestampMs)) {
      if (batch.baseOffset >= range.endOffset) return undefined;
      if (batch.maxTimestamp < timestampMs || batch.lastOffset < range.startOffset || batch.recordCount === 0) continue;
      const found = firstAtOrAfter(segment.readBatch(position, batch.sizeBytes), timestampMs, range.startOffset);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The first record with the highest time in the range (ListOffsets -3). */
export function findMaxTimestamp(segments: readonly Segment[], range: OffsetRange): TimestampedOffset | undefined {
  let highest: { timestampMs: bigint; segment: Segment } | undefined;
  for (const segment of segments) {
    const timestampMs = maxTimestampIn(segment, range);
    if (timestampMs !== undefined && (highest === undefined || timestampMs > highest.timestampMs)) highest = { timestampMs, segment };
  }
  return highest && findByTimestamp([highest.segment], highest.timestampMs, range);
}

/** The index knows the highest time of all; only when that one is deleted or not flushed yet are the headers walked. */
function maxTimestampIn(segment: Segment, { startOffset, endOffset }: OffsetRange): bigint | undefined {
  if (segment.sizeBytes === 0 || segment.baseOffset >= endOffset || segment.nextOffset <= startOffset) return undefined;
  const { timestampMs, offset } = segment.maxTimestamp;
  if (offset >= startOffset && offset < endOffset) return timestampMs;
  let highest: bigint | undefined;
  for (const { batch } of segment.headers()) {
    if (batch.baseOffset >= endOffset) break;
    if (batch.lastOffset < startOffset) continue;
    if (highest === undefined || batch.maxTimestamp > highest) highest = batch.maxTimestamp;
  }
  return highest;
}

/** Of a batch whose records cannot be read its first offset is the answer, with the batch's highest time: never too late a place. */
function firstAtOrAfter(batch: RecordBatch, timestampMs: bigint, startOffset: bigint): TimestampedOffset | undefined {
  const records = recordsOf(batch);
  if (records === undefined) return { offset: batch.baseOffset, timestampMs: batch.maxTimestamp, leaderEpoch: batch.leaderEpoch };
  const found = records.find((record) => record.timestampMs >= timestampMs && record.offset >= startOffset);
  return found && { offset: found.offset, timestampMs: found.timestampMs, leaderEpoch: batch.leaderEpoch };
}
