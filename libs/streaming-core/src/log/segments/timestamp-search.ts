import type { RecordBatch } from '../../records/record-batch.ts';
import { unpackedRecords } from '../../records/record-block.ts';
import { recordHeads } from '../../records/records.ts';
import { MalformedBytes } from '../../records/varint.ts';
import type { Segment } from './segment.ts';

export interface TimestampedOffset {
  readonly offset: bigint;
  readonly timestampMs: bigint;
  /** Leader epoch of the batch that holds the record. */
  readonly leaderEpoch: number;
}

/** The offsets that a search may return, without the end. */
export interface OffsetRange {
  readonly startOffset: bigint;
  readonly endOffset: bigint;
}

/**
 * How much one search may unpack. The first honest batch whose highest time is late enough has the
 * record, unless the log begins after that record, so a search unpacks one or two batches. But 10
 * KB can hold ten million records, and a header can claim a time that none of its records has.
 */
const lookedIntoMax = { batches: 1_000, unpackedBytes: 16 * 1024 * 1024, records: 1_000_000 } as const;

/** The part of `lookedIntoMax` that a search has not used yet. */
type Effort = { -readonly [Part in keyof typeof lookedIntoMax]: number };

/** The first record in the range, in offset order, that is at or after the time. */
export function findByTimestamp(
  segments: readonly Segment[],
  timestampMs: bigint,
  range: OffsetRange,
): TimestampedOffset | undefined {
  const left: Effort = { ...lookedIntoMax };
  for (const segment of segments) {
    if (segment.baseOffset >= range.endOffset) return undefined;
    if (segment.maxTimestamp.timestampMs < timestampMs) continue;
    for (const { position, batch } of segment.headers(timestampMs)) {
      if (batch.baseOffset >= range.endOffset) return undefined;
      if (batch.maxTimestamp < timestampMs || batch.lastOffset < range.startOffset || batch.recordCount === 0)
        continue;
      const found = firstAtOrAfter(
        segment.readBatch(position, batch.sizeBytes),
        { timestampMs, startOffset: range.startOffset },
        left,
      );
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The first record in the range with the highest time (ListOffsets with timestamp -3). */
export function findMaxTimestamp(
  segments: readonly Segment[],
  range: OffsetRange,
): TimestampedOffset | undefined {
  let highest: { timestampMs: bigint; segment: Segment } | undefined;
  for (const segment of segments) {
    const timestampMs = maxTimestampIn(segment, range);
    if (timestampMs !== undefined && (highest === undefined || timestampMs > highest.timestampMs))
      highest = { timestampMs, segment };
  }
  return highest && findByTimestamp([highest.segment], highest.timestampMs, range);
}

/**
 * The index knows the highest time of the segment. If that record is deleted, or not flushed yet as
 * on every partition under load, the index still knows the highest time up to shortly before the
 * end, and only the headers after that place are read.
 */
function maxTimestampIn(segment: Segment, { startOffset, endOffset }: OffsetRange): bigint | undefined {
  if (segment.sizeBytes === 0 || segment.baseOffset >= endOffset || segment.nextOffset <= startOffset)
    return undefined;
  const { timestampMs, offset } = segment.maxTimestamp;
  if (offset >= startOffset && offset < endOffset) return timestampMs;
  const indexed = segment.highestTimestampBefore(endOffset);
  const known = indexed !== undefined && indexed.offset >= startOffset ? indexed : undefined;
  let highest = known?.timestampMs;
  for (const { batch } of segment.headersFrom(known?.offset ?? startOffset)) {
    if (batch.baseOffset >= endOffset) break;
    if (batch.lastOffset < startOffset) continue;
    if (highest === undefined || batch.maxTimestamp > highest) highest = batch.maxTimestamp;
  }
  return highest;
}

interface Wanted {
  readonly timestampMs: bigint;
  readonly startOffset: bigint;
}

/**
 * Returns undefined if the batch has no such record. Unpacks at most one batch beyond the limit of
 * bytes.
 */
function firstAtOrAfter(
  batch: RecordBatch,
  { timestampMs, startOffset }: Wanted,
  left: Effort,
): TimestampedOffset | undefined {
  left.batches -= 1;
  const block = left.batches < 0 || left.unpackedBytes <= 0 ? undefined : unpackedRecords(batch);
  if (block === undefined) return asAWhole(batch, startOffset);
  left.unpackedBytes -= block.length;
  try {
    for (const record of recordHeads(batch, { bytes: block, position: 0 })) {
      if (record.timestampMs >= timestampMs && record.offset >= startOffset)
        return { offset: record.offset, timestampMs: record.timestampMs, leaderEpoch: batch.leaderEpoch };
      left.records -= 1;
      if (left.records <= 0) return asAWhole(batch, startOffset);
    }
    return undefined;
  } catch (error) {
    if (error instanceof MalformedBytes) return asAWhole(batch, startOffset);
    throw error;
  }
}

/**
 * The answer for a batch whose records are malformed or too many: its first offset and its highest
 * time. That offset is never too late.
 */
function asAWhole(
  { baseOffset, maxTimestamp, leaderEpoch }: RecordBatch,
  startOffset: bigint,
): TimestampedOffset {
  return {
    offset: baseOffset < startOffset ? startOffset : baseOffset,
    timestampMs: maxTimestamp,
    leaderEpoch,
  };
}
