import type { RecordBatch } from './record-batch.ts';
import { recordsOf } from './records.ts';
import type { Segment } from './segment.ts';
import type { TimestampedOffset } from './types.ts';

/** The first record, in offset order, at or after the time and below the end (L2, L3). */
export function findByTimestamp(segments: readonly Segment[], timestampMs: bigint, endOffset: bigint): TimestampedOffset | undefined {
  for (const segment of segments) {
    if (segment.baseOffset >= endOffset) return undefined;
    if (segment.maxTimestamp.timestampMs < timestampMs) continue;
    for (const { position, batch } of segment.headers(timestampMs)) {
      if (batch.baseOffset >= endOffset) return undefined;
      if (batch.maxTimestamp < timestampMs) continue;
      const found = firstAtOrAfter(segment.readBatch(position, batch.sizeBytes), timestampMs);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The first record with the highest time below the end (ListOffsets -3). */
export function findMaxTimestamp(segments: readonly Segment[], endOffset: bigint): TimestampedOffset | undefined {
  let highest: { timestampMs: bigint; segment: Segment } | undefined;
  for (const segment of segments) {
    const timestampMs = maxTimestampBelow(segment, endOffset);
    if (timestampMs !== undefined && (highest === undefined || timestampMs > highest.timestampMs)) highest = { timestampMs, segment };
  }
  return highest && findByTimestamp([highest.segment], highest.timestampMs, endOffset);
}

/** The index knows the highest time of all; only when that one is not flushed yet are the headers walked. */
function maxTimestampBelow(segment: Segment, endOffset: bigint): bigint | undefined {
  if (segment.sizeBytes === 0 || segment.baseOffset >= endOffset) return undefined;
  const { timestampMs, offset } = segment.maxTimestamp;
  if (offset < endOffset) return timestampMs;
  let highest: bigint | undefined;
  for (const { batch } of segment.headers()) {
    if (batch.baseOffset >= endOffset) break;
    if (highest === undefined || batch.maxTimestamp > highest) highest = batch.maxTimestamp;
  }
  return highest;
}

/** Of a batch whose records cannot be read (snappy, lz4) its first offset is the answer, with the batch's highest time: never too late a place. */
function firstAtOrAfter(batch: RecordBatch, timestampMs: bigint): TimestampedOffset | undefined {
  const records = recordsOf(batch);
  if (records === undefined) return { offset: batch.baseOffset, timestampMs: batch.maxTimestamp, leaderEpoch: batch.leaderEpoch };
  const found = records.find((record) => record.timestampMs >= timestampMs);
  return found && { offset: found.offset, timestampMs: found.timestampMs, leaderEpoch: batch.leaderEpoch };
}
