import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFully, type Disk } from '../disk.ts';
import { RecordBatch } from '../record-batch.ts';
import { encodeGaps, type Gap } from '../segment-gaps.ts';
import { segmentName } from '../segment.ts';
import { SparseIndex } from '../sparse-index.ts';
import type { WorkSlices } from './work-slices.ts';

interface CleanedSegmentOptions {
  readonly folder: string;
  readonly baseOffset: bigint;
  readonly disk: Disk;
  readonly indexIntervalBytes: number;
  readonly slices: WorkSlices;
}

const chunkBytes = 256 * 1024;

/** Of one segment. */
export const segmentExtensions = ['log', 'index', 'timeindex', 'gaps'] as const;
export const cleanedPath = (folder: string, baseOffset: bigint, extension: string): string =>
  join(folder, `${segmentName(baseOffset)}.${extension}.cleaned`);

/** Writes what compaction keeps of a run of segments, in files with the suffix `.cleaned`: until they are swapped in, they mean nothing. */
export class CleanedSegment {
  readonly #options: CleanedSegmentOptions;
  readonly #file: number;
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

  /** Keeps the bytes until they are written: give a copy. */
  async add(bytes: Buffer): Promise<void> {
    const batch = new RecordBatch(bytes);
    const position = this.#sizeBytes;
    if (batch.baseOffset !== this.#nextOffset)
      this.#gaps.push({ position, relativeOffset: Number(batch.baseOffset - this.#options.baseOffset) });
    this.#index.observe(batch, position);
    this.#nextOffset = batch.lastOffset + 1n;
    this.#sizeBytes += bytes.length;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= chunkBytes) this.#write();
    await this.#options.slices.pause();
  }

  /** On disk when it resolves. */
  async finish(): Promise<void> {
    const { disk, slices } = this.#options;
    this.#write();
    await slices.outside(() => disk.sync(this.#file));
    closeSync(this.#file);
    this.#index.addTimeEntry();
    writeFileSync(this.#path('index'), this.#index.offsetBytes);
    writeFileSync(this.#path('timeindex'), this.#index.timeBytes);
    writeFileSync(this.#path('gaps'), encodeGaps(this.#gaps));
    await slices.pause();
  }

  /** After a failure. */
  discard(): void {
    try {
      closeSync(this.#file);
    } catch {
      // it was closed at the end of `finish`
    }
    for (const extension of segmentExtensions) rmSync(this.#path(extension), { force: true });
  }

  #write(): void {
    const bytes = Buffer.concat(this.#pending);
    writeFully(this.#options.disk, this.#file, bytes, this.#sizeBytes - bytes.length);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #path(extension: (typeof segmentExtensions)[number]): string {
    return cleanedPath(this.#options.folder, this.#options.baseOffset, extension);
  }
}
