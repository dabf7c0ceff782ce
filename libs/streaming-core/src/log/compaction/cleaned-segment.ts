import { closeSync, openSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFully, type Disk } from '../disk/disk.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { encodeGaps, type Gap } from '../segments/stored-batches.ts';
import { segmentName } from '../data-folder/folder-listing.ts';
import { SparseIndex } from '../segments/sparse-index.ts';
import type { WorkSlices } from '../../runtime/work-slices.ts';

interface CleanedSegmentOptions {
  readonly folder: string;
  readonly baseOffset: bigint;
  readonly disk: Disk;
  readonly indexIntervalBytes: number;
  readonly slices: WorkSlices;
}

/** The size of one write: small batches are collected, large ones are divided. */
const chunkBytes = 256 * 1024;

/** The files of one segment that compaction writes. */
export const segmentExtensions = ['log', 'index', 'timeindex', 'gaps'] as const;
export const cleanedPath = (folder: string, baseOffset: bigint, extension: string): string =>
  join(folder, `${segmentName(baseOffset)}.${extension}.cleaned`);

/**
 * Writes what compaction keeps of consecutive segments, to files with the suffix `.cleaned`. They
 * do not count until they are swapped in.
 */
export class CleanedSegment {
  readonly #options: CleanedSegmentOptions;
  readonly #file: number;
  #isClosed = false;
  readonly #index: SparseIndex;
  readonly #gaps: Gap[] = [];
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #sizeBytes = 0;
  #nextOffset: bigint;

  constructor(options: CleanedSegmentOptions) {
    this.#options = options;
    this.#nextOffset = options.baseOffset;
    this.#index = new SparseIndex(options.baseOffset, options.indexIntervalBytes);
    this.#file = openSync(this.#path('log'), 'w');
  }

  /** Holds the bytes until they are written, so pass a copy. */
  async add(bytes: Buffer): Promise<void> {
    if (this.#pendingBytes + bytes.length > chunkBytes) await this.#write();
    await this.#options.slices.pause();
    const batch = new RecordBatch(bytes);
    const position = this.#sizeBytes;
    if (batch.baseOffset !== this.#nextOffset)
      this.#gaps.push({ position, relativeOffset: Number(batch.baseOffset - this.#options.baseOffset) });
    this.#index.observe(batch, position);
    this.#nextOffset = batch.lastOffset + 1n;
    this.#sizeBytes += bytes.length;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  /**
   * When the promise resolves, the log is on disk, and so is the list of gaps, without which the
   * log would look damaged. The indexes are not synced, because lost ones are rebuilt.
   */
  async finish(): Promise<void> {
    const { disk, slices } = this.#options;
    await this.#write();
    await slices.outside(() => disk.sync(this.#file, this.#path('log')));
    this.#close();
    this.#index.addTimeEntry();
    await slices.outside(async () => {
      await writeFile(this.#path('index'), this.#index.offsetBytes);
      await writeFile(this.#path('timeindex'), this.#index.timeBytes);
    });
    await this.#writeGaps();
    await slices.pause();
  }

  /** Call this after a failure. */
  discard(): void {
    this.#close();
    for (const extension of segmentExtensions) rmSync(this.#path(extension), { force: true });
  }

  /**
   * Closes the file only once: afterwards the descriptor may be that of another file or a
   * connection.
   */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
  }

  async #writeGaps(): Promise<void> {
    const { disk, slices } = this.#options;
    const file = openSync(this.#path('gaps'), 'w');
    try {
      writeFully(disk, file, encodeGaps(this.#gaps, Number(this.#nextOffset - this.#options.baseOffset)), 0);
      await slices.outside(() => disk.sync(file, this.#path('gaps')));
    } finally {
      closeSync(file);
    }
  }

  async #write(): Promise<void> {
    const { disk, slices } = this.#options;
    const bytes = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    const position = this.#sizeBytes - bytes.length;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      writeFully(disk, this.#file, bytes.subarray(at, at + chunkBytes), position + at);
      await slices.pause();
    }
  }

  #path(extension: (typeof segmentExtensions)[number]): string {
    return cleanedPath(this.#options.folder, this.#options.baseOffset, extension);
  }
}
