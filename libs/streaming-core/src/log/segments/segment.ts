import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { scanBatches, storedBatchProblem, type ScannedBatch } from '../batches/batch-scan.ts';
import { LogDamage } from '../damage.ts';
import { readFully, writeFully, type Disk } from '../disk/disk.ts';
import type { OpenFiles } from './open-files.ts';
import { batchHeaderBytes, RecordBatch } from '../../records/record-batch.ts';
import type { IndexChecksums } from './index-checksums.ts';
import { SegmentGaps } from './segment-gaps.ts';
import { isPlausibleIndex, SparseIndex, type HighestTimestamp } from './sparse-index.ts';
import type { ReadLimits } from './read-limits.ts';
import { segmentName } from './segment-name.ts';

export interface SegmentContext {
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly indexIntervalBytes: number;
  /** Compaction may have left gaps in segments that begin below. */
  readonly compactedBefore: bigint;
  readonly checksums: IndexChecksums;
}

interface BatchPlace {
  readonly baseOffset: bigint;
  readonly position: number;
}

const relativeOffsetMax = 2_147_483_647n;

/**
 * A run of batches in one file, with its sparse index. Reading cuts at whole batches. What was on disk before this process began is checked
 * against its checksum whenever it is read, until a recovery scan has seen all of it.
 */
export class Segment {
  readonly baseOffset: bigint;
  readonly path: string;
  readonly #folder: string;
  readonly #context: SegmentContext;
  #index: SparseIndex | undefined;
  #sizeBytes: number;
  #nextOffset: bigint;
  #verifiedFrom: number;
  #lastLeaderEpoch: number | undefined;
  #gaps: SegmentGaps | undefined;
  #firstTimestampMs: bigint | undefined;
  #knownMaxTimestamp: HighestTimestamp | undefined;
  #indexIsFromDisk = false;
  /** The index files hold what the index does. */
  #indexIsOnDisk = false;
  #readUpTo: BatchPlace | undefined;
  #appendedLast: BatchPlace | undefined;

  private constructor(folder: string, baseOffset: bigint, context: SegmentContext, sizeBytes: number) {
    this.baseOffset = baseOffset;
    this.path = join(folder, `${segmentName(baseOffset)}.log`);
    this.#folder = folder;
    this.#context = context;
    this.#sizeBytes = sizeBytes;
    this.#nextOffset = baseOffset;
    this.#verifiedFrom = sizeBytes;
  }

  /** An empty file. The folder has to be synced before anything in it counts as durable. */
  static create(folder: string, baseOffset: bigint, context: SegmentContext): Segment {
    const segment = new Segment(folder, baseOffset, context, 0);
    context.files.create(segment.path);
    segment.#index = new SparseIndex(baseOffset, context.indexIntervalBytes);
    return segment;
  }

  /** An existing file, trusted up to its end: only the batches after the last index entry are walked, by their headers. */
  static open(folder: string, baseOffset: bigint, context: SegmentContext): Segment {
    const path = join(folder, `${segmentName(baseOffset)}.log`);
    const segment = new Segment(folder, baseOffset, context, statSync(path).size);
    segment.#walkToEnd();
    return segment;
  }

  /** An existing file of which nothing is known: every batch is checked. Returns what, if anything, is wrong, and stands before that place. */
  static recover(
    folder: string,
    baseOffset: bigint,
    context: SegmentContext,
  ): { segment: Segment; problem: string | undefined } {
    const path = join(folder, `${segmentName(baseOffset)}.log`);
    const fileBytes = statSync(path).size;
    const segment = new Segment(folder, baseOffset, context, 0);
    segment.#index = new SparseIndex(baseOffset, context.indexIntervalBytes);
    const scan = scanBatches({
      disk: context.disk,
      file: context.files.use(path),
      from: 0,
      to: fileBytes,
      bring: 'batches',
    });
    for (const { position, batch } of scan) {
      const problem = storedBatchProblem(batch, segment.#expected(batch, position, segment.#nextOffset));
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
  /** Whether the next start finds the index as it is now. An empty segment needs none. */
  get indexIsOnDisk(): boolean {
    return this.#indexIsOnDisk || this.#sizeBytes === 0;
  }
  /** Of the last batch; undefined when there is none. */
  get lastLeaderEpoch(): number | undefined {
    return this.#lastLeaderEpoch;
  }
  /** The highest timestamp of the first batch; undefined when there is none. */
  get firstTimestampMs(): bigint | undefined {
    this.#firstTimestampMs ??= this.firstBatch()?.maxTimestamp;
    return this.#firstTimestampMs;
  }
  /** Highest timestamp of its records, or when the file was written last if they have none. */
  get newestMs(): bigint {
    const { timestampMs } = this.maxTimestamp;
    return timestampMs >= 0n ? timestampMs : BigInt(Math.floor(statSync(this.path).mtimeMs));
  }

  /** Batches that compaction left at its end are not there any more. */
  get lacksItsEnd(): boolean {
    const { relativeEnd } = this.#knownGaps();
    return relativeEnd !== undefined && this.#nextOffset < this.baseOffset + relativeEnd;
  }

  /** By its header alone. */
  firstBatch(): RecordBatch | undefined {
    return this.#scan(0).next().value?.batch;
  }
  /** Stays known when the index is let go: a search by time asks every segment for it. */
  get maxTimestamp(): HighestTimestamp {
    return this.#index?.maxTimestamp ?? this.#knownMaxTimestamp ?? this.#loadedIndex().maxTimestamp;
  }

  /** Throws what the disk says; the file then ends where it did before. */
  append(batch: RecordBatch): void {
    const file = this.#context.files.use(this.path);
    try {
      writeFully(this.#context.disk, file, batch.bytes, this.#sizeBytes);
    } catch (error) {
      this.#context.disk.truncate(file, this.#sizeBytes);
      throw error;
    }
    this.#appendedLast = { baseOffset: batch.baseOffset, position: this.#sizeBytes };
    this.#note(batch, this.#sizeBytes);
  }

  /** Whole batches from the one that holds the offset up to, and without, `endOffset`. */
  read(offset: bigint, endOffset: bigint, limits: ReadLimits): Buffer {
    const first = this.#locate(offset);
    const bytes = this.#readFrom(first.position, limits);
    let end = 0;
    let expected = first.baseOffset;
    while (end + batchHeaderBytes <= bytes.length && expected < endOffset) {
      const batch = new RecordBatch(bytes, end);
      const size = batch.sizeBytes;
      if (size >= batchHeaderBytes && end + size > bytes.length) break;
      this.#checkStored(batch, size, first.position + end, expected);
      expected = batch.lastOffset + 1n;
      end += size;
    }
    this.#readUpTo = { baseOffset: expected, position: first.position + end };
    return bytes.subarray(0, end);
  }

  /** As much as is allowed; all of the first batch when that has to be there. */
  #readFrom(position: number, limits: ReadLimits): Buffer {
    const left = this.#sizeBytes - position;
    const { maxBytes, minOneBatch, allocate } = limits;
    const bytes = this.#readAt(
      position,
      Math.min(Math.max(maxBytes, minOneBatch ? batchHeaderBytes : 0), left),
      allocate,
    );
    if (!minOneBatch) return bytes;
    const firstBytes = new RecordBatch(bytes).sizeBytes;
    return firstBytes > bytes.length && firstBytes <= left
      ? this.#readAt(position, firstBytes, allocate)
      : bytes;
  }

  /** The batch that holds an offset. Readers mostly go on where one stopped, or want what was appended last. */
  #locate(offset: bigint): BatchPlace {
    if (this.#readUpTo?.baseOffset === offset) return this.#readUpTo;
    if (this.#appendedLast?.baseOffset === offset) return this.#appendedLast;
    for (const { position, batch } of this.#chainFrom(offset))
      if (batch.lastOffset >= offset) return { position, baseOffset: batch.baseOffset };
    throw new LogDamage(`${this.path}: no batch holds offset ${offset}`);
  }

  /** One whole batch, for looking into its records. */
  readBatch(position: number, sizeBytes: number): RecordBatch {
    const batch = new RecordBatch(this.#readAt(position, sizeBytes));
    this.#checkStored(batch, sizeBytes, position, batch.baseOffset);
    return batch;
  }

  /** Headers of the batches from the one that may hold the first record at or after the timestamp; from the start without one. */
  *headers(fromTimestampMs?: bigint): Generator<ScannedBatch, void> {
    yield* this.#chainFrom(
      fromTimestampMs === undefined ? this.baseOffset : this.#loadedIndex().lookupTimestamp(fromTimestampMs),
    );
  }

  /** Headers of the batches from a place at or before the offset. */
  headersFrom(offset: bigint): Generator<ScannedBatch, void> {
    return this.#chainFrom(offset);
  }

  /** As `highestBefore` of the index. */
  highestTimestampBefore(endOffset: bigint): HighestTimestamp | undefined {
    return this.#loadedIndex().highestBefore(endOffset);
  }

  /** All of the batches, whole, as `scanBatches` gives them. Keep the file pinned meanwhile. */
  batches(): Generator<ScannedBatch, void> {
    const { disk, files } = this.#context;
    return scanBatches({ disk, file: files.use(this.path), from: 0, to: this.#sizeBytes, bring: 'batches' });
  }

  /** Throws LogDamage for a batch that is not what was written. */
  verify(batch: RecordBatch): void {
    const problem = storedBatchProblem(batch, batch.baseOffset);
    if (problem !== undefined) throw new LogDamage(`${this.path}: ${problem}`);
  }

  /** Cuts the file to the batches that are known. */
  truncateFile(): void {
    this.#context.disk.truncate(this.#context.files.use(this.path), this.#sizeBytes);
  }

  /** Writes the index files beside the log: when the segment is left, and on close. Lost ones are built anew, so nothing waits for the disk. */
  writeIndexFiles(): void {
    const index = this.#loadedIndex();
    index.addTimeEntry();
    for (const [extension, bytes] of [
      ['index', index.offsetBytes],
      ['timeindex', index.timeBytes],
    ] as const) {
      writeFileSync(this.#indexPath(extension), bytes);
      this.#context.checksums.note(basename(this.#indexPath(extension)), bytes);
    }
    this.#indexIsOnDisk = true;
  }

  /** For good. The log goes first: without it the others mean nothing. */
  async removeFiles(): Promise<void> {
    for (const extension of ['log', 'index', 'timeindex', 'gaps'] as const)
      await rm(this.#indexPath(extension), { force: true });
  }

  /** Lets the memory of the index go; it is read from disk when it is needed again. */
  forgetIndex(): void {
    this.#knownMaxTimestamp = this.maxTimestamp;
    this.#index = undefined;
    this.#gaps = undefined;
  }

  isIndexFull(bytesMax: number): boolean {
    return this.#loadedIndex().isFull(bytesMax);
  }

  get indexBytes(): number {
    return this.#index === undefined ? 0 : this.#index.offsetBytes.length + this.#index.timeBytes.length;
  }

  #note(batch: RecordBatch, position: number): void {
    this.#index?.observe(batch, position);
    this.#indexIsOnDisk = false;
    this.#sizeBytes = position + batch.sizeBytes;
    this.#nextOffset = batch.lastOffset + 1n;
    this.#lastLeaderEpoch = batch.leaderEpoch;
    this.#verifiedFrom = Math.min(this.#verifiedFrom, position);
  }

  #checkStored(batch: RecordBatch, size: number, position: number, expectedOffset: bigint): void {
    const expected = this.#expected(batch, position, expectedOffset);
    const cannotBe = size < batchHeaderBytes || batch.lastOffsetDelta < 0 || batch.baseOffset !== expected;
    if (cannotBe)
      throw new LogDamage(`${this.path}: no batch with offset ${expectedOffset} at byte ${position}`);
    if (position >= this.#verifiedFrom) return;
    const problem = storedBatchProblem(batch, expected);
    if (problem !== undefined) throw new LogDamage(`${this.path}: ${problem} at byte ${position}`);
  }

  /** The offset that has to follow, or a later one where compaction took out what was between. */
  #expected(batch: RecordBatch, position: number, next: bigint): bigint {
    if (batch.baseOffset <= next) return next;
    return this.#knownGaps().allow(position, batch.baseOffset - this.baseOffset) ? batch.baseOffset : next;
  }

  #knownGaps(): SegmentGaps {
    this.#gaps ??= SegmentGaps.read(this.#indexPath('gaps'), {
      compacted: this.baseOffset < this.#context.compactedBefore,
    });
    return this.#gaps;
  }

  /** A batch behind the last entry that is newer than the index knows shows that times are missing at its end. */
  #walkToEnd(): void {
    const known = this.#loadedIndex().maxTimestamp.timestampMs;
    let newest = known;
    for (const { batch } of this.#chainFrom(this.baseOffset + relativeOffsetMax)) {
      this.#nextOffset = batch.lastOffset + 1n;
      this.#lastLeaderEpoch = batch.leaderEpoch;
      if (batch.maxTimestamp > newest) newest = batch.maxTimestamp;
    }
    if (newest === known || !this.#indexIsFromDisk) return;
    this.#index = this.#builtIndex();
    this.writeIndexFiles();
  }

  /**
   * Headers from a place at or before the offset to the end of the segment. Throws LogDamage where a batch does not follow the one before it.
   * When the index, read from disk, points elsewhere, it is built anew.
   */
  *#chainFrom(offset: bigint): Generator<ScannedBatch, void> {
    const entry = this.#loadedIndex().lookup(offset);
    let end = entry.position;
    let expected: bigint | undefined;
    for (const found of this.#scan(entry.position)) {
      const { baseOffset, lastOffset, sizeBytes } = found.batch;
      const first = this.#expected(found.batch, found.position, this.baseOffset);
      const isEntry = entry.lastOffset === undefined ? baseOffset === first : lastOffset === entry.lastOffset;
      if (
        expected === undefined
          ? !isEntry
          : baseOffset !== this.#expected(found.batch, found.position, expected)
      )
        break;
      expected = lastOffset + 1n;
      end = found.position + sizeBytes;
      yield found;
    }
    if (end === this.#sizeBytes) return;
    const misled = expected === undefined && entry.lastOffset !== undefined && this.#indexIsFromDisk;
    if (!misled) throw new LogDamage(`${this.path}: no whole batch at byte ${end} of ${this.#sizeBytes}`);
    this.#index = this.#builtIndex();
    this.writeIndexFiles();
    yield* this.#chainFrom(offset);
  }

  #loadedIndex(): SparseIndex {
    if (this.#index !== undefined) return this.#index;
    this.#index = this.#readIndexFiles();
    this.#indexIsFromDisk = this.#index !== undefined;
    this.#indexIsOnDisk = this.#indexIsFromDisk;
    this.#index ??= this.#builtIndex();
    return this.#index;
  }

  #readIndexFiles(): SparseIndex | undefined {
    if (!existsSync(this.#indexPath('index')) || !existsSync(this.#indexPath('timeindex'))) return undefined;
    const stored = {
      offsets: readFileSync(this.#indexPath('index')),
      times: readFileSync(this.#indexPath('timeindex')),
    };
    if (!isPlausibleIndex(stored, this.#sizeBytes)) return undefined;
    for (const [extension, bytes] of [
      ['index', stored.offsets],
      ['timeindex', stored.times],
    ] as const)
      if (!this.#context.checksums.believe(basename(this.#indexPath(extension)), bytes)) return undefined;
    return new SparseIndex(this.baseOffset, this.#context.indexIntervalBytes, stored);
  }

  #builtIndex(): SparseIndex {
    this.#indexIsFromDisk = false;
    this.#indexIsOnDisk = false;
    const index = new SparseIndex(this.baseOffset, this.#context.indexIntervalBytes);
    for (const { position, batch } of this.#scan(0)) index.observe(batch, position);
    return index;
  }

  #indexPath(extension: 'log' | 'index' | 'timeindex' | 'gaps'): string {
    return join(this.#folder, `${segmentName(this.baseOffset)}.${extension}`);
  }

  #scan(from: number): Generator<ScannedBatch, void> {
    return scanBatches({
      disk: this.#context.disk,
      file: this.#context.files.use(this.path),
      from,
      to: this.#sizeBytes,
      bring: 'headers',
    });
  }

  #readAt(
    position: number,
    sizeBytes: number,
    allocate: (bytes: number) => Buffer = Buffer.allocUnsafe,
  ): Buffer {
    const bytes = readFully(
      this.#context.disk,
      this.#context.files.use(this.path),
      allocate(sizeBytes),
      position,
    );
    if (bytes.length < sizeBytes)
      throw new LogDamage(`${this.path}: the file ends before byte ${position + sizeBytes}`);
    return bytes;
  }
}
