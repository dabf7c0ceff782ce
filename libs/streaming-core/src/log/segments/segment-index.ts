import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ScannedBatch } from '../batches/batch-scan.ts';
import { readIfPresent } from '../disk/read-if-present.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import type { IndexChecksums } from './index-checksums.ts';
import { segmentName } from '../data-folder/segment-name.ts';
import { isPlausibleIndex, SparseIndex, type HighestTimestamp } from './sparse-index.ts';

interface SegmentIndexOptions {
  readonly folder: string;
  readonly baseOffset: bigint;
  readonly indexIntervalBytes: number;
  readonly checksums: IndexChecksums;
  /** Headers of all batches of the segment. */
  readonly batches: () => Iterable<ScannedBatch>;
  readonly sizeBytes: () => number;
}

/** A segment's sparse index: in memory, read from its files when it is needed, or built anew where these cannot be believed. */
export class SegmentIndex {
  readonly #options: SegmentIndexOptions;
  #index: SparseIndex | undefined;
  #knownMaxTimestamp: HighestTimestamp | undefined;
  #isFromDisk = false;
  /** The index files hold what the index does. */
  #isOnDisk = false;

  constructor(options: SegmentIndexOptions) {
    this.#options = options;
  }

  /** Of a segment without batches. */
  begin(): void {
    this.#index = this.#empty();
  }

  /** Notes a batch that was appended. */
  observe(batch: RecordBatch, position: number): void {
    this.#index?.observe(batch, position);
    this.#isOnDisk = false;
  }

  /** Whether the next start finds it as it is now. */
  get isOnDisk(): boolean {
    return this.#isOnDisk;
  }

  /** Whether it was read from files that may mislead. */
  get isFromDisk(): boolean {
    return this.#isFromDisk;
  }

  get bytes(): number {
    return this.#index === undefined ? 0 : this.#index.offsetBytes.length + this.#index.timeBytes.length;
  }

  /** Stays known when the index is forgotten: a search by time asks every segment for it. */
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

  /** From the batches, in memory and in its files. */
  rebuild(): void {
    this.#index = this.#built();
    this.write();
  }

  /** Frees its memory; it is read from disk when it is needed again. */
  forget(): void {
    this.#knownMaxTimestamp = this.maxTimestamp;
    this.#index = undefined;
  }

  /** Those of its files that have changed. Lost ones are built anew, so nothing waits for the disk. */
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
