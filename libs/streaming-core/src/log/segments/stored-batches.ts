import { storedBatchProblem } from '../batches/batch-scan.ts';
import { LogDamage } from '../damage.ts';
import { batchHeaderBytes, type RecordBatch } from '../../records/record-batch.ts';
import { SegmentGaps } from './segment-gaps.ts';

interface StoredBatchesOptions {
  /** Path of the log file, for error messages. */
  readonly path: string;
  readonly gapsPath: string;
  readonly baseOffset: bigint;
  /** True if compaction may have removed batches. */
  readonly compacted: boolean;
  /** An earlier process wrote the bytes before this position. */
  readonly verifiedFrom: number;
}

/**
 * Checks that the batches of one segment are those that were written, in the order in which they
 * were written.
 */
export class StoredBatches {
  readonly #options: StoredBatchesOptions;
  #verifiedFrom: number;
  #gaps: SegmentGaps | undefined;

  constructor(options: StoredBatchesOptions) {
    this.#options = options;
    this.#verifiedFrom = options.verifiedFrom;
  }

  /** The end of the segment when it was compacted, or undefined if it was not. */
  get relativeEnd(): bigint | undefined {
    return this.#knownGaps().relativeEnd;
  }

  /** From this position on, checksums need not be verified again. */
  verifiedFrom(position: number): void {
    this.#verifiedFrom = Math.min(this.#verifiedFrom, position);
  }

  /**
   * The next expected offset. It is later than `next` if compaction removed the records in between.
   */
  expected(batch: RecordBatch, position: number, next: bigint): bigint {
    if (batch.baseOffset <= next) return next;
    const relativeOffset = batch.baseOffset - this.#options.baseOffset;
    return this.#knownGaps().allow(position, relativeOffset) ? batch.baseOffset : next;
  }

  /**
   * Throws LogDamage for a batch that cannot follow the previous one, or that an earlier process
   * wrote and whose checksum is wrong.
   */
  check(batch: RecordBatch, size: number, position: number, expectedOffset: bigint): void {
    const { path } = this.#options;
    const expected = this.expected(batch, position, expectedOffset);
    const cannotBe = size < batchHeaderBytes || batch.lastOffsetDelta < 0 || batch.baseOffset !== expected;
    if (cannotBe)
      throw new LogDamage(`${path}: there is no batch with offset ${expectedOffset} at byte ${position}`);
    if (position >= this.#verifiedFrom) return;
    const problem = storedBatchProblem(batch, expected);
    if (problem !== undefined) throw new LogDamage(`${path}: ${problem} at byte ${position}`);
  }

  /** Throws LogDamage if the batch differs from what was written. */
  verify(batch: RecordBatch): void {
    const problem = storedBatchProblem(batch, batch.baseOffset);
    if (problem !== undefined) throw new LogDamage(`${this.#options.path}: ${problem}`);
  }

  /** Frees the memory of the list of gaps, which is read again when it is needed. */
  forgetGaps(): void {
    this.#gaps = undefined;
  }

  #knownGaps(): SegmentGaps {
    const { gapsPath, compacted } = this.#options;
    this.#gaps ??= SegmentGaps.read(gapsPath, { compacted });
    return this.#gaps;
  }
}
