import { storedBatchProblem } from '../batches/batch-scan.ts';
import { LogDamage } from '../damage.ts';
import { batchHeaderBytes, type RecordBatch } from '../../records/record-batch.ts';
import { SegmentGaps } from './segment-gaps.ts';

interface StoredBatchesOptions {
  /** Of the log file, for messages. */
  readonly path: string;
  readonly gapsPath: string;
  readonly baseOffset: bigint;
  /** Compaction may have taken batches out. */
  readonly compacted: boolean;
  /** What stands in the file before this byte was written by an earlier process. */
  readonly verifiedFrom: number;
}

/** Tells whether the batches of one segment are what was written, and follow each other as they were written. */
export class StoredBatches {
  readonly #options: StoredBatchesOptions;
  #verifiedFrom: number;
  #gaps: SegmentGaps | undefined;

  constructor(options: StoredBatchesOptions) {
    this.#options = options;
    this.#verifiedFrom = options.verifiedFrom;
  }

  /** Where the segment ended when it was compacted; undefined when it was not. */
  get relativeEnd(): bigint | undefined {
    return this.#knownGaps().relativeEnd;
  }

  /** From the byte on, nothing has to be checked against its checksum again. */
  verifiedFrom(position: number): void {
    this.#verifiedFrom = Math.min(this.#verifiedFrom, position);
  }

  /** The next expected offset. It is later than `next` if compaction removed the records in between. */
  expected(batch: RecordBatch, position: number, next: bigint): bigint {
    if (batch.baseOffset <= next) return next;
    const relativeOffset = batch.baseOffset - this.#options.baseOffset;
    return this.#knownGaps().allow(position, relativeOffset) ? batch.baseOffset : next;
  }

  /** Throws LogDamage for a batch that cannot follow, or, of an earlier process, whose checksum is wrong. */
  check(batch: RecordBatch, size: number, position: number, expectedOffset: bigint): void {
    const { path } = this.#options;
    const expected = this.expected(batch, position, expectedOffset);
    const cannotBe = size < batchHeaderBytes || batch.lastOffsetDelta < 0 || batch.baseOffset !== expected;
    if (cannotBe) throw new LogDamage(`${path}: no batch with offset ${expectedOffset} at byte ${position}`);
    if (position >= this.#verifiedFrom) return;
    const problem = storedBatchProblem(batch, expected);
    if (problem !== undefined) throw new LogDamage(`${path}: ${problem} at byte ${position}`);
  }

  /** Throws LogDamage for a batch that is not what was written. */
  verify(batch: RecordBatch): void {
    const problem = storedBatchProblem(batch, batch.baseOffset);
    if (problem !== undefined) throw new LogDamage(`${this.#options.path}: ${problem}`);
  }

  /** Frees the memory of the list of gaps; it is read again when it is needed. */
  forgetGaps(): void {
    this.#gaps = undefined;
  }

  #knownGaps(): SegmentGaps {
    const { gapsPath, compacted } = this.#options;
    this.#gaps ??= SegmentGaps.read(gapsPath, { compacted });
    return this.#gaps;
  }
}
