import { scanBatches, type ScannedBatch } from '../batches/batch-scan.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import { readFully, writeFully, type Disk } from '../disk/disk.ts';
import { batchHeaderBytes, RecordBatch } from '../../records/record-batch.ts';
import type { OpenFiles } from './open-files.ts';
import type { IndexChecksums } from './index-checksums.ts';

export interface ReadLimits {
  readonly maxBytes: number;
  /** Return the whole first batch even if it exceeds `maxBytes`. */
  readonly minOneBatch: boolean;
  /** Supplies the memory to read into. Default: new memory. */
  readonly allocate?: (bytes: number) => Buffer;
  /** Read only up to the last stable offset. */
  readonly committed?: boolean;
}

interface SegmentFileContext {
  readonly disk: Disk;
  readonly files: OpenFiles;
}

/** The log file of one segment, opened when it is needed. */
export class SegmentFile {
  readonly path: string;
  readonly #context: SegmentFileContext;

  constructor(path: string, context: SegmentFileContext) {
    this.path = path;
    this.#context = context;
  }

  /** Throws LogDamage if the file is too short. */
  read(
    position: number,
    sizeBytes: number,
    allocate: (bytes: number) => Buffer = Buffer.allocUnsafe,
  ): Buffer {
    const { disk, files } = this.#context;
    const bytes = readFully(disk, files.use(this.path), allocate(sizeBytes), position);
    if (bytes.length < sizeBytes)
      throw new LogDamage(`${this.path}: the file ends before byte ${position + sizeBytes}`);
    return bytes;
  }

  /**
   * Reads from the start of a batch as much as the limits and the end of the file allow. With
   * `minOneBatch` it returns at least the whole first batch.
   */
  readBatches(position: number, end: number, { maxBytes, minOneBatch, allocate }: ReadLimits): Buffer {
    const left = end - position;
    const wanted = Math.max(maxBytes, minOneBatch ? batchHeaderBytes : 0);
    const bytes = this.read(position, Math.min(wanted, left), allocate);
    if (!minOneBatch) return bytes;
    const firstBytes = new RecordBatch(bytes).sizeBytes;
    const isCut = firstBytes > bytes.length && firstBytes <= left;
    return isCut ? this.read(position, firstBytes, allocate) : bytes;
  }

  /** Writes at the end. Throws the error of the disk; the file then ends where it did before. */
  append(bytes: Buffer, end: number): void {
    const { disk, files } = this.#context;
    const file = files.use(this.path);
    try {
      writeFully(disk, file, bytes, end);
    } catch (error) {
      disk.truncate(file, end);
      throw error;
    }
  }

  truncate(sizeBytes: number): void {
    const { disk, files } = this.#context;
    disk.truncate(files.use(this.path), sizeBytes);
  }

  scan(range: {
    readonly from: number;
    readonly to: number;
    readonly bring: 'headers' | 'batches';
  }): Generator<ScannedBatch, void> {
    const { disk, files } = this.#context;
    return scanBatches({ ...range, disk, file: files.use(this.path) });
  }
}

export interface SegmentContext {
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly indexIntervalBytes: number;
  /** Compaction may have left gaps in segments that begin below this offset. */
  readonly compactedBefore: bigint;
  readonly checksums: IndexChecksums;
}
