import { crc32c } from '@node-rs/crc32';
import { existsSync, readFileSync } from 'node:fs';
import { storedBatchProblem } from '../batches/batch-scan.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import { batchHeaderBytes, type RecordBatch } from '../../records/record-batch.ts';

/*
 * `<base offset>.gaps`, beside a segment that compaction wrote. The format is ours; Kafka ignores
 * the file. Big-endian:
 *   version int16 = 2, crc uint32 (CRC-32C of the rest),
 *   end int32: the offset after the last batch,
 *   then position int32, offset int32 for each batch that does not follow the previous one
 * All offsets are relative to the segment's base.
 * The checksum of a batch does not cover its offset: without this list, a flipped bit in an offset
 * would look like a gap. Without the end, lost batches would look like a gap, since the next
 * segment may begin anywhere after them.
 */
const version = 2;
const headBytes = 10;
const entryBytes = 8;

export interface Gap {
  readonly position: number;
  readonly relativeOffset: number;
}

export function encodeGaps(gaps: readonly Gap[], relativeEnd: number): Buffer {
  const bytes = Buffer.alloc(headBytes + gaps.length * entryBytes);
  bytes.writeInt16BE(version, 0);
  bytes.writeInt32BE(relativeEnd, 6);
  gaps.forEach(({ position, relativeOffset }, index) => {
    bytes.writeInt32BE(position, headBytes + index * entryBytes);
    bytes.writeInt32BE(relativeOffset, headBytes + index * entryBytes + 4);
  });
  bytes.writeUInt32BE(crc32c(bytes.subarray(6)), 2);
  return bytes;
}

interface StoredGaps {
  readonly bytes: Buffer;
  readonly relativeEnd: bigint;
}

/** The places where the offsets of a segment may jump, and the offset where they end. */
class SegmentGaps {
  readonly #bytes: Buffer | undefined;
  readonly #anywhere: boolean;
  /** The offset after the last batch, or undefined if there is no list. */
  readonly relativeEnd: bigint | undefined;

  /**
   * A list that is lost or damaged, or that Kafka never wrote, allows jumps anywhere in a segment
   * that is known to be compacted, and nowhere in another one.
   */
  constructor(path: string, { compacted }: { readonly compacted: boolean }) {
    const known = existsSync(path) ? decode(readFileSync(path)) : undefined;
    this.#bytes = known?.bytes;
    this.relativeEnd = known?.relativeEnd;
    this.#anywhere = compacted;
  }

  allow(position: number, relativeOffset: bigint): boolean {
    if (this.#bytes === undefined) return this.#anywhere;
    let low = 0;
    let high = this.#bytes.length / entryBytes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bytes.readInt32BE(middle * entryBytes) < position) low = middle + 1;
      else high = middle;
    }
    const at = low * entryBytes;
    return (
      at < this.#bytes.length &&
      this.#bytes.readInt32BE(at) === position &&
      BigInt(this.#bytes.readInt32BE(at + 4)) === relativeOffset
    );
  }
}

/** Returns undefined for malformed bytes and for another version. */
function decode(bytes: Buffer): StoredGaps | undefined {
  if (bytes.length < headBytes || (bytes.length - headBytes) % entryBytes !== 0) return undefined;
  if (bytes.readInt16BE(0) !== version || bytes.readUInt32BE(2) !== crc32c(bytes.subarray(6)))
    return undefined;
  return { bytes: bytes.subarray(headBytes), relativeEnd: BigInt(bytes.readInt32BE(6)) };
}

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
    this.#gaps ??= new SegmentGaps(gapsPath, { compacted });
    return this.#gaps;
  }
}
