import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ScannedBatch } from '../batches/batch-scan.ts';
import { readIfPresent } from '../disk/disk.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { IndexChecksums } from './index-checksums.ts';
import { segmentName } from '../data-folder/folder-listing.ts';
import { isPlausibleIndex, SparseIndex, type HighestTimestamp } from './sparse-index.ts';

interface SegmentIndexOptions {
  readonly folder: string;
  readonly baseOffset: bigint;
  readonly indexIntervalBytes: number;
  readonly checksums: IndexChecksums;
  /** Iterates over the headers of all batches of the segment. */
  readonly batches: () => Iterable<ScannedBatch>;
  readonly sizeBytes: () => number;
}

/**
 * The sparse index of a segment. It is read from its files when it is needed, or rebuilt from the
 * log if they cannot be trusted.
 */
export class SegmentIndex {
  readonly #options: SegmentIndexOptions;
  #index: SparseIndex | undefined;
  #knownMaxTimestamp: HighestTimestamp | undefined;
  #isFromDisk = false;
  /** Whether the files hold the current index. */
  #isOnDisk = false;

  constructor(options: SegmentIndexOptions) {
    this.#options = options;
  }

  /** Begins the index of a segment without batches. */
  begin(): void {
    this.#index = this.#empty();
  }

  /** Call this after a batch was appended. */
  observe(batch: RecordBatch, position: number): void {
    this.#index?.observe(batch, position);
    this.#isOnDisk = false;
  }

  get isOnDisk(): boolean {
    return this.#isOnDisk;
  }

  /** Whether the index was read from files, which may be wrong. */
  get isFromDisk(): boolean {
    return this.#isFromDisk;
  }

  get bytes(): number {
    return this.#index === undefined ? 0 : this.#index.offsetBytes.length + this.#index.timeBytes.length;
  }

  /** Stays known after `forget`, because a search by time asks every segment for it. */
  get maxTimestamp(): HighestTimestamp {
    return this.#index?.maxTimestamp ?? this.#knownMaxTimestamp ?? this.loaded().maxTimestamp;
  }

  loaded(): SparseIndex {
    if (this.#index !== undefined) return this.#index;
    this.#index = this.#read();
    this.#isFromDisk = this.#index !== undefined;
    this.#isOnDisk = this.#isFromDisk;
    this.#index ??= this.#built();
    return this.#index;
  }

  /** Rebuilds the index from the batches, in memory and in the files. */
  rebuild(): void {
    this.#index = this.#built();
    this.write();
  }

  /** Frees the memory of the index, which is read from disk when it is needed again. */
  forget(): void {
    this.#knownMaxTimestamp = this.maxTimestamp;
    this.#index = undefined;
  }

  /** Writes the files that have changed. Does not sync them, because a lost index is rebuilt. */
  write(): void {
    const index = this.loaded();
    index.addTimeEntry();
    for (const [extension, bytes] of [
      ['index', index.offsetBytes],
      ['timeindex', index.timeBytes],
    ] as const) {
      const path = this.#path(extension);
      if (this.#options.checksums.lists(basename(path), bytes) && existsSync(path)) continue;
      writeFileSync(path, bytes);
      this.#options.checksums.note(basename(path), bytes);
    }
    this.#isOnDisk = true;
  }

  #read(): SparseIndex | undefined {
    const { baseOffset, indexIntervalBytes, checksums, sizeBytes } = this.#options;
    if (sizeBytes() === 0) return undefined;
    const offsets = readIfPresent(this.#path('index'));
    const times = readIfPresent(this.#path('timeindex'));
    if (offsets === undefined || times === undefined) return undefined;
    const stored = { offsets, times };
    if (!isPlausibleIndex(stored, sizeBytes())) return undefined;
    for (const [extension, bytes] of [
      ['index', stored.offsets],
      ['timeindex', stored.times],
    ] as const)
      if (!checksums.believe(basename(this.#path(extension)), bytes)) return undefined;
    return new SparseIndex(baseOffset, indexIntervalBytes, stored);
  }

  #built(): SparseIndex {
    this.#isFromDisk = false;
    this.#isOnDisk = false;
    const index = this.#empty();
    if (this.#options.sizeBytes() === 0) return index;
    for (const { position, batch } of this.#options.batches()) index.observe(batch, position);
    return index;
  }

  #empty(): SparseIndex {
    return new SparseIndex(this.#options.baseOffset, this.#options.indexIntervalBytes);
  }

  #path(extension: 'index' | 'timeindex'): string {
    return join(this.#options.folder, `${segmentName(this.#options.baseOffset)}.${extension}`);
  }
}
