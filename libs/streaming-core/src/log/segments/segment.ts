import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { storedBatchProblem, type ScannedBatch } from '../batches/batch-scan.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import { batchHeaderBytes, RecordBatch } from '../../records/record-batch.ts';
import type { HighestTimestamp } from './sparse-index.ts';
import { SegmentFile, type ReadLimits, type SegmentContext } from './segment-file.ts';
import { SegmentIndex } from './segment-index.ts';
import { segmentName } from '../data-folder/folder-listing.ts';
import { StoredBatches } from './stored-batches.ts';

interface BatchPlace {
  readonly baseOffset: bigint;
  readonly position: number;
}

const relativeOffsetMax = 2_147_483_647n;

/**
 * Consecutive batches in one file, with a sparse index. A read returns whole batches. Bytes that an
 * earlier process wrote are checked against their checksum whenever they are read, until a recovery
 * scan has checked all of them.
 */
export class Segment {
  readonly baseOffset: bigint;
  readonly path: string;
  readonly #folder: string;
  readonly #file: SegmentFile;
  readonly #index: SegmentIndex;
  readonly #stored: StoredBatches;
  #sizeBytes: number;
  #nextOffset: bigint;
  #lastLeaderEpoch: number | undefined;
  #firstTimestampMs: bigint | undefined;
  #readUpTo: BatchPlace | undefined;
  #appendedLast: BatchPlace | undefined;

  private constructor(folder: string, baseOffset: bigint, context: SegmentContext, sizeBytes: number) {
    this.baseOffset = baseOffset;
    this.path = join(folder, `${segmentName(baseOffset)}.log`);
    this.#folder = folder;
    this.#file = new SegmentFile(this.path, context);
    this.#index = new SegmentIndex({
      folder,
      baseOffset,
      indexIntervalBytes: context.indexIntervalBytes,
      checksums: context.checksums,
      batches: () => this.#scan(0),
      sizeBytes: () => this.#sizeBytes,
    });
    this.#sizeBytes = sizeBytes;
    this.#nextOffset = baseOffset;
    this.#stored = new StoredBatches({
      path: this.path,
      gapsPath: this.#pathOf('gaps'),
      baseOffset,
      compacted: baseOffset < context.compactedBefore,
      verifiedFrom: sizeBytes,
    });
  }

  /** Creates an empty file. The caller syncs the folder before anything in it counts as durable. */
  static create(folder: string, baseOffset: bigint, context: SegmentContext): Segment {
    const segment = new Segment(folder, baseOffset, context, 0);
    context.files.create(segment.path);
    segment.#index.begin();
    return segment;
  }

  /** Opens an existing file and trusts it: reads only headers after the last index entry. */
  static open(folder: string, baseOffset: bigint, context: SegmentContext): Segment {
    const path = join(folder, `${segmentName(baseOffset)}.log`);
    const segment = new Segment(folder, baseOffset, context, statSync(path).size);
    segment.#walkToEnd();
    return segment;
  }

  /** Opens an existing file and checks every batch. The segment ends before the first problem. */
  static recover(
    folder: string,
    baseOffset: bigint,
    context: SegmentContext,
  ): { segment: Segment; problem: string | undefined } {
    const segment = new Segment(folder, baseOffset, context, 0);
    const fileBytes = statSync(segment.path).size;
    segment.#index.begin();
    const scan = segment.#file.scan({ from: 0, to: fileBytes, bring: 'batches' });
    for (const { position, batch } of scan) {
      const problem = storedBatchProblem(
        batch,
        segment.#stored.expected(batch, position, segment.#nextOffset),
      );
      if (problem !== undefined) return { segment, problem: `${problem} at byte ${position}` };
      segment.#note(batch, position);
    }
    const whole = segment.#sizeBytes === fileBytes;
    return {
      segment,
      problem: whole ? undefined : `no whole batch at byte ${segment.#sizeBytes} of ${fileBytes}`,
    };
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }
  get nextOffset(): bigint {
    return this.#nextOffset;
  }
  /** Whether the files hold the current index. An empty segment needs none. */
  get indexIsOnDisk(): boolean {
    return this.#index.isOnDisk || this.#sizeBytes === 0;
  }
  /** Undefined if the segment has no batch. */
  get lastLeaderEpoch(): number | undefined {
    return this.#lastLeaderEpoch;
  }
  /** The highest timestamp of the first batch, or undefined if the segment has no batch. */
  get firstTimestampMs(): bigint | undefined {
    this.#firstTimestampMs ??= this.firstBatch()?.maxTimestamp;
    return this.#firstTimestampMs;
  }
  /** Highest timestamp of the records, or the time of the last write if they have none. */
  get newestMs(): bigint {
    const { timestampMs } = this.maxTimestamp;
    return timestampMs >= 0n ? timestampMs : BigInt(Math.floor(statSync(this.path).mtimeMs));
  }

  /** Whether batches that compaction kept at the end of the segment are lost. */
  get lacksItsEnd(): boolean {
    const { relativeEnd } = this.#stored;
    return relativeEnd !== undefined && this.#nextOffset < this.baseOffset + relativeEnd;
  }

  /** Only the header is valid. */
  firstBatch(): RecordBatch | undefined {
    return this.#scan(0).next().value?.batch;
  }
  get maxTimestamp(): HighestTimestamp {
    return this.#index.maxTimestamp;
  }

  /** Throws the error of the disk; the file then ends where it did before. */
  append(batch: RecordBatch): void {
    this.#file.append(batch.bytes, this.#sizeBytes);
    this.#appendedLast = { baseOffset: batch.baseOffset, position: this.#sizeBytes };
    this.#note(batch, this.#sizeBytes);
  }

  /** Whole batches, from the one that holds the offset up to but excluding `endOffset`. */
  read(offset: bigint, endOffset: bigint, limits: ReadLimits): Buffer {
    const first = this.#locate(offset);
    const bytes = this.#file.readBatches(first.position, this.#sizeBytes, limits);
    let end = 0;
    let expected = first.baseOffset;
    while (end + batchHeaderBytes <= bytes.length && expected < endOffset) {
      const batch = new RecordBatch(bytes, end);
      const size = batch.sizeBytes;
      if (size >= batchHeaderBytes && end + size > bytes.length) break;
      this.#stored.check(batch, size, first.position + end, expected);
      expected = batch.lastOffset + 1n;
      end += size;
    }
    this.#readUpTo = { baseOffset: expected, position: first.position + end };
    return bytes.subarray(0, end);
  }

  /** Most reads continue a previous one, or read what was appended last. */
  #locate(offset: bigint): BatchPlace {
    if (this.#readUpTo?.baseOffset === offset) return this.#readUpTo;
    if (this.#appendedLast?.baseOffset === offset) return this.#appendedLast;
    for (const { position, batch } of this.#chainFrom(offset))
      if (batch.lastOffset >= offset) return { position, baseOffset: batch.baseOffset };
    throw new LogDamage(`${this.path}: there is no batch with offset ${offset}`);
  }

  readBatch(position: number, sizeBytes: number): RecordBatch {
    const batch = new RecordBatch(this.#file.read(position, sizeBytes));
    this.#stored.check(batch, sizeBytes, position, batch.baseOffset);
    return batch;
  }

  /** Begins at the batch that may hold the first record at or after the timestamp. */
  *headers(fromTimestampMs?: bigint): Generator<ScannedBatch, void> {
    yield* this.#chainFrom(
      fromTimestampMs === undefined ? this.baseOffset : this.#index.loaded().lookupTimestamp(fromTimestampMs),
    );
  }

  /** Begins at a batch at or before the offset. */
  headersFrom(offset: bigint): Generator<ScannedBatch, void> {
    return this.#chainFrom(offset);
  }

  highestTimestampBefore(endOffset: bigint): HighestTimestamp | undefined {
    return this.#index.loaded().highestBefore(endOffset);
  }

  /** All batches with their records. Keep the file pinned during the iteration. */
  batches(): Generator<ScannedBatch, void> {
    return this.#file.scan({ from: 0, to: this.#sizeBytes, bring: 'batches' });
  }

  /** Throws LogDamage if the batch differs from what was written. */
  verify(batch: RecordBatch): void {
    this.#stored.verify(batch);
  }

  /** Truncates the file after the last known batch. */
  truncateFile(): void {
    this.#file.truncate(this.#sizeBytes);
  }

  /** Writes changed index files, but does not sync them, because a lost index is rebuilt. */
  writeIndexFiles(): void {
    this.#index.write();
  }

  /** Deletes the log first: without it the other files mean nothing. */
  async removeFiles(): Promise<void> {
    for (const extension of ['log', 'index', 'timeindex', 'gaps'] as const)
      await rm(this.#pathOf(extension), { force: true });
  }

  /** Frees the memory of the index, which is read from disk when it is needed again. */
  forgetIndex(): void {
    this.#index.forget();
    this.#stored.forgetGaps();
  }

  isIndexFull(bytesMax: number): boolean {
    return this.#index.loaded().isFull(bytesMax);
  }

  get indexBytes(): number {
    return this.#index.bytes;
  }

  #note(batch: RecordBatch, position: number): void {
    this.#index.observe(batch, position);
    this.#sizeBytes = position + batch.sizeBytes;
    this.#nextOffset = batch.lastOffset + 1n;
    this.#lastLeaderEpoch = batch.leaderEpoch;
    this.#stored.verifiedFrom(position);
  }

  /** A batch that is newer than the newest index entry shows that the time index lost its end. */
  #walkToEnd(): void {
    const known = this.#index.loaded().maxTimestamp.timestampMs;
    let newest = known;
    for (const { batch } of this.#chainFrom(this.baseOffset + relativeOffsetMax)) {
      this.#nextOffset = batch.lastOffset + 1n;
      this.#lastLeaderEpoch = batch.leaderEpoch;
      if (batch.maxTimestamp > newest) newest = batch.maxTimestamp;
    }
    if (newest === known || !this.#index.isFromDisk) return;
    this.#index.rebuild();
  }

  /**
   * The headers from a batch at or before the offset to the end. Throws LogDamage if a batch does
   * not follow the previous one. Rebuilds an index from disk that points to a wrong place, and
   * starts again.
   */
  *#chainFrom(offset: bigint): Generator<ScannedBatch, void> {
    if (this.#sizeBytes === 0) return;
    const entry = this.#index.loaded().lookup(offset);
    let end = entry.position;
    let expected: bigint | undefined;
    for (const found of this.#scan(entry.position)) {
      const { baseOffset, lastOffset, sizeBytes } = found.batch;
      const follows =
        expected === undefined && entry.lastOffset !== undefined
          ? lastOffset === entry.lastOffset
          : baseOffset === this.#stored.expected(found.batch, found.position, expected ?? this.baseOffset);
      if (!follows) break;
      expected = lastOffset + 1n;
      end = found.position + sizeBytes;
      yield found;
    }
    if (end === this.#sizeBytes) return;
    const misled = expected === undefined && entry.lastOffset !== undefined && this.#index.isFromDisk;
    if (!misled) throw new LogDamage(`${this.path}: no whole batch at byte ${end} of ${this.#sizeBytes}`);
    this.#index.rebuild();
    yield* this.#chainFrom(offset);
  }

  #pathOf(extension: 'log' | 'index' | 'timeindex' | 'gaps'): string {
    return join(this.#folder, `${segmentName(this.baseOffset)}.${extension}`);
  }

  #scan(from: number): Generator<ScannedBatch, void> {
    return this.#file.scan({ from, to: this.#sizeBytes, bring: 'headers' });
  }
}
