import { type AbortedTransaction } from '../transactions/aborted-transactions.ts';
import { unpack } from '../../records/block-codecs.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import type { ProducerState } from '../producers/producer-states.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import type { Segment } from '../segments/segment.ts';
import type { SegmentContext } from '../segments/segment-file.ts';
import type { TopicSettings } from '../topics/topic-settings.ts';
import { CleanedSegment } from './segment-swap.ts';
import {
  DecidedTransactions,
  emptyBatch,
  recordViews,
  retainedRecords,
  rewriteBatch,
  type RecordView,
} from './retained-batch.ts';
import { OffsetMap } from './offset-map.ts';
import type { WorkSlices } from '../../runtime/work-slices.ts';
import type { DurationMs } from '../../runtime/index.ts';

export interface CleanableRange {
  readonly firstDirtyOffset: bigint;
  /** The base offset of the first segment after the range. */
  readonly endOffset: bigint;
  /** The part of the range that was never cleaned, from 0 to 1. */
  readonly dirtyRatio: number;
}

/** One round of compaction of one partition. */
interface CleaningRound {
  readonly folder: string;
  readonly context: SegmentContext;
  /** The segments below the end of the range. */
  readonly segments: readonly Segment[];
  readonly range: CleanableRange;
  readonly settings: TopicSettings;
  readonly nowMs: bigint;
  readonly aborted: readonly AbortedTransaction[];
  readonly producers: ReadonlyMap<bigint, ProducerState>;
  readonly keyBytesMax: number;
  readonly slices: WorkSlices;
  /** Replaces the segments with the new one, which is written and synced as `.cleaned`. */
  readonly swap: (replaced: readonly Segment[], removedMarkers: ReadonlySet<bigint>) => Promise<void>;
}

const relativeOffsetMax = 2_147_483_647n;
const recordsPerLook = 8;

/**
 * Keeps the last record of each key below the end of the range. Keys that do not fit into the key
 * map wait for the next round. Throws MalformedBytes if a batch does not match its header.
 */
export async function cleanLog(round: CleaningRound): Promise<CleaningResult> {
  const map = new OffsetMap({ keys: dirtyRecords(round), bytesMax: round.keyBytesMax });
  const cleanedTo = await mapLastOffsets(map, round);
  const transactions = new DecidedTransactions(round.aborted);
  let bytesBefore = 0;
  let bytesAfter = 0;
  const toClean = round.segments.filter(({ baseOffset }) => baseOffset < cleanedTo);
  for (const group of grouped(toClean, round.settings.segmentBytes)) {
    bytesBefore += group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    bytesAfter += await cleanGroup(group, { map, cleanedTo, transactions, round });
  }
  return { cleanedTo, bytesBefore, bytesAfter };
}

const dirtySegments = ({ segments, range }: CleaningRound): readonly Segment[] =>
  segments.filter(({ nextOffset }) => nextOffset > range.firstDirtyOffset);

/** An upper bound: the number of offsets in the dirty segments. */
const dirtyRecords = (round: CleaningRound): number => {
  const offsets = dirtySegments(round).reduce(
    (sum, { baseOffset, nextOffset }) => sum + Number(nextOffset - baseOffset),
    0,
  );
  return Math.max(offsets, 1);
};

/**
 * Returns the offset at which the map ends: the end of the range, or the first batch whose keys
 * might not fit.
 */
async function mapLastOffsets(map: OffsetMap, round: CleaningRound): Promise<bigint> {
  const { firstDirtyOffset, endOffset } = round.range;
  const transactions = new DecidedTransactions(round.aborted);
  for (const segment of dirtySegments(round)) {
    for await (const batch of batchesOf(segment, round)) {
      if (batch.lastOffset < firstDirtyOffset || batch.isControl || transactions.isAborted(batch)) continue;
      if (map.size + batch.recordCount > map.keysMax && map.size > 0) return batch.baseOffset;
      await mapBatch(map, batch, round);
    }
  }
  return endOffset;
}

async function mapBatch(map: OffsetMap, batch: RecordBatch, { slices }: CleaningRound): Promise<void> {
  const block = await unpacked(batch, slices);
  let looked = 0;
  for (const { key, offsetDelta } of recordViews(block, batch.recordCount)) {
    if (key !== null) map.put(key, batch.baseOffset + BigInt(offsetDelta));
    if ((looked += 1) % recordsPerLook === 0) await slices.pause();
  }
}

/** Copies each batch, because other scans reuse the memory while the caller awaits. */
async function* batchesOf(
  segment: Segment,
  { context, slices }: CleaningRound,
): AsyncGenerator<RecordBatch, void> {
  context.files.pin(segment.path);
  try {
    let end = 0;
    for (const { position, batch } of segment.batches()) {
      segment.verify(batch);
      await slices.pause();
      end = position + batch.sizeBytes;
      yield new RecordBatch(Buffer.from(batch.bytes.subarray(batch.start, batch.start + batch.sizeBytes)));
      await slices.pause();
    }
    if (end !== segment.sizeBytes)
      throw new LogDamage(`${segment.path}: no whole batch at byte ${end} of ${segment.sizeBytes}`);
  } finally {
    context.files.unpin(segment.path);
  }
}

async function unpacked(batch: RecordBatch, slices: WorkSlices): Promise<Buffer> {
  const codec = batch.codec ?? 'none';
  if (codec === 'none') return batch.payload;
  const pieces = await slices.outside(() => unpack(codec, batch.payload));
  if (pieces.length === 1) return pieces[0]!;
  const block = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let filled = 0;
  for (const piece of pieces) {
    filled += piece.copy(block, filled);
    await slices.pause();
  }
  return block;
}

/** Groups consecutive segments that fit into one segment. */
function grouped(segments: readonly Segment[], segmentBytes: number): ReadonlyArray<readonly Segment[]> {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of segments) {
    const group = groups.at(-1);
    const fits = group !== undefined && bytes + segment.sizeBytes <= segmentBytes;
    if (fits && segment.nextOffset - group[0]!.baseOffset <= relativeOffsetMax) group.push(segment);
    else {
      bytes = (groups.push([segment]), 0);
    }
    bytes += segment.sizeBytes;
  }
  return groups;
}

interface GroupWork {
  readonly map: OffsetMap;
  /** The base offset of the batch at which the map ends. */
  readonly cleanedTo: bigint;
  readonly transactions: DecidedTransactions;
  readonly round: CleaningRound;
}

/** Returns the size of the new segment. */
async function cleanGroup(group: readonly Segment[], work: GroupWork): Promise<number> {
  const { folder, context, slices, swap } = work.round;
  const cleaned = new CleanedSegment({ folder, baseOffset: group[0]!.baseOffset, ...context, slices });
  const removedMarkers = new Set<bigint>();
  let sizeBytes = 0;
  try {
    for (const segment of group)
      for await (const batch of batchesOf(segment, work.round)) {
        const kept = await cleanBatch(batch, {
          ...work,
          isLast: batch.lastOffset + 1n >= group.at(-1)!.nextOffset,
        });
        if (batch.isControl && (kept === undefined || new RecordBatch(kept).recordCount === 0))
          removedMarkers.add(batch.baseOffset);
        if (kept === undefined) continue;
        sizeBytes += kept.length;
        await cleaned.add(kept);
      }
    await cleaned.finish();
  } catch (error) {
    cleaned.discard();
    throw error;
  }
  await swap(group, removedMarkers);
  return sizeBytes;
}

type BatchWork = GroupWork & { readonly isLast: boolean };

/**
 * Returns what is kept of a batch, or undefined if nothing is kept. Beyond the end of the map, a
 * key may still have older values than its tombstone: the tombstone stays there, and its delete
 * horizon is not set yet, unlike in Kafka.
 */
async function cleanBatch(batch: RecordBatch, work: BatchWork): Promise<Buffer | undefined> {
  const { transactions, cleanedTo } = work;
  if (batch.isControl) return cleanMarker(batch, work);
  transactions.meet(batch);
  if (batch.recordCount === 0 || transactions.isAborted(batch)) return emptied(batch, work);
  return batch.baseOffset < cleanedTo ? cleanRecords(batch, work) : batch.bytes;
}

/**
 * Keeps a batch without records if it marks the end of the segment or the last sequence of a
 * producer.
 */
const emptied = (batch: RecordBatch, { isLast, round }: BatchWork): Buffer | undefined =>
  isLast || isLastOfProducer(batch, round.producers) ? emptyBatch(batch) : undefined;

/**
 * Keeps a marker as long as its transaction has batches, and for `delete.retention.ms` after that.
 */
async function cleanMarker(batch: RecordBatch, work: BatchWork): Promise<Buffer | undefined> {
  const { slices, nowMs, settings } = work.round;
  const endsNothing = work.transactions.endsNothing(batch);
  if (batch.recordCount === 0) return emptied(batch, work);
  if (!endsNothing) return batch.bytes;
  if (batch.deleteHorizonMs !== undefined)
    return batch.deleteHorizonMs <= nowMs ? emptied(batch, work) : batch.bytes;
  const retained = await retainedRecords(batch, batch.payload, () => true, slices);
  return rewriteBatch(batch, {
    block: batch.payload,
    retained,
    horizonMs: nowMs + settings.compaction.deleteRetentionMs,
    slices,
  });
}

/** Keeps the newest value of each key, and a tombstone until its delete horizon has passed. */
async function cleanRecords(batch: RecordBatch, work: BatchWork): Promise<Buffer | undefined> {
  const { slices, nowMs, settings } = work.round;
  const known = batch.deleteHorizonMs;
  const deletionsGo = known !== undefined && known <= nowMs;
  const block = await unpacked(batch, slices);
  const isRetained = ({ key, hasValue, offsetDelta }: RecordView) =>
    key !== null &&
    (hasValue || !deletionsGo) &&
    (work.map.get(key) ?? -1n) <= batch.baseOffset + BigInt(offsetDelta);
  const retained = await retainedRecords(batch, block, isRetained, slices);
  if (retained.count === 0) return emptied(batch, work);
  const horizonMs =
    retained.hasTombstones && known === undefined ? nowMs + settings.compaction.deleteRetentionMs : undefined;
  if (retained.count === batch.recordCount && horizonMs === undefined) return batch.bytes;
  return rewriteBatch(batch, { block, retained, horizonMs, slices });
}

/**
 * Whether the batch holds the last sequence of a producer that may continue, or its last marker if
 * it has written nothing since.
 */
function isLastOfProducer(batch: RecordBatch, producers: ReadonlyMap<bigint, ProducerState>): boolean {
  const state = producers.get(batch.producerId);
  if (state === undefined) return false;
  const last = state.batches.at(-1);
  return last === undefined
    ? batch.isControl && batch.producerEpoch === state.epoch
    : last.lastOffset === batch.lastOffset;
}

interface CleaningResult {
  /** Everything below this offset was compacted. */
  readonly cleanedTo: bigint;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** The result of a finished round. */
export interface CompactedPartition extends CleaningResult {
  readonly name: string;
  readonly longestSliceMs: DurationMs;
}
