import { existsSync, renameSync, rmSync, statSync, closeSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scanBatches, storedBatchProblem } from '../batches/batch-scan.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import { type FolderListing, segmentName } from '../data-folder/folder-listing.ts';
import { syncFolderNow, writeFully, type Disk } from '../disk/disk.ts';
import type { SegmentContext } from '../segments/segment-file.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { encodeGaps, type Gap } from '../segments/stored-batches.ts';
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

const segmentExtensions = ['log', 'index', 'timeindex', 'gaps'] as const;
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

/*
 * Kafka's order of renaming, so that a crash leaves either the old segments or the new one:
 *   .cleaned   being written, or written and synced; the next start removes it
 *   .swap      the new segment counts; the next start finishes the swap
 *   .deleted   an old file that is to be removed; the next start removes it
 * The log gets its final name last: while `<base>.log.swap` exists, old segments may or may not
 * exist.
 */

const finalPath = (folder: string, baseOffset: bigint, extension: string): string =>
  join(folder, `${segmentName(baseOffset)}.${extension}`);

/** Makes the new segment count. The caller syncs the folder. */
export function beginSwap(folder: string, baseOffset: bigint): void {
  for (const extension of [...segmentExtensions].reverse())
    renameSync(
      cleanedPath(folder, baseOffset, extension),
      `${finalPath(folder, baseOffset, extension)}.swap`,
    );
}

/**
 * Swaps the files only by renaming, which is fast, and returns the paths that are left to remove.
 * Continues where an earlier attempt ended: a new file that already has its final name stays.
 */
export function finishSwap(folder: string, replaced: readonly bigint[]): readonly string[] {
  const [target] = replaced;
  for (const baseOffset of replaced)
    for (const extension of segmentExtensions) {
      const path = finalPath(folder, baseOffset, extension);
      const isNew = baseOffset === target && !existsSync(`${path}.swap`);
      if (!isNew && existsSync(path)) renameSync(path, `${path}.deleted`);
    }
  for (const extension of [...segmentExtensions].reverse()) {
    const path = finalPath(folder, target!, extension);
    if (existsSync(`${path}.swap`)) renameSync(`${path}.swap`, path);
  }
  return replaced
    .flatMap((baseOffset) =>
      segmentExtensions.map((extension) => `${finalPath(folder, baseOffset, extension)}.deleted`),
    )
    .filter((path) => existsSync(path));
}

export async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}

/** The files of segments, in any state of a swap. */
const filesOf = ({ names }: FolderListing): readonly string[] =>
  names.filter((name) => /^\d{20}\.\w+(\.cleaned|\.swap|\.deleted)?$/.test(name));

/**
 * Call this before a partition is opened: finishes or undoes swaps that a crash interrupted. Throws
 * LogDamage if a new segment is not whole.
 */
export function recoverSwaps(listing: FolderListing, context: SegmentContext): void {
  if (!listing.names.some((name) => /\.(cleaned|swap|deleted)$/.test(name))) return;
  const { folder } = listing;
  const names = filesOf(listing);
  for (const name of names) if (name.endsWith('.cleaned')) rmSync(join(folder, name), { force: true });
  const swaps = names
    .filter((name) => /^\d{20}\.log\.swap$/.test(name))
    .map((name) => BigInt(name.slice(0, 20)));
  for (const baseOffset of swaps) {
    const bases = names.filter((name) => /^\d{20}\.log$/.test(name)).map((name) => BigInt(name.slice(0, 20)));
    const end = endOfSwap(folder, baseOffset, context);
    const replaced = bases.filter((base) => base > baseOffset && base < end);
    finishSwap(folder, [baseOffset, ...replaced]);
  }
  listing.changed();
  for (const name of filesOf(listing))
    if (name.endsWith('.deleted') || name.endsWith('.swap')) rmSync(join(folder, name), { force: true });
  listing.changed();
  if (swaps.length > 0) syncFolderNow(folder);
}

function endOfSwap(folder: string, baseOffset: bigint, { disk, files }: SegmentContext): bigint {
  const path = `${finalPath(folder, baseOffset, 'log')}.swap`;
  const fileBytes = statSync(path).size;
  let end = 0;
  let nextOffset = baseOffset;
  for (const { position, batch } of scanBatches({
    disk,
    file: files.use(path),
    from: 0,
    to: fileBytes,
    bring: 'batches',
  })) {
    if (batch.baseOffset < nextOffset || storedBatchProblem(batch, batch.baseOffset) !== undefined) break;
    end = position + batch.sizeBytes;
    nextOffset = batch.lastOffset + 1n;
  }
  files.close(path);
  if (end !== fileBytes) throw new LogDamage(`${path}: no whole batch at byte ${end} of ${fileBytes}`);
  return nextOffset;
}
