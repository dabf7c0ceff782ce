import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { scanBatches, storedBatchProblem } from '../batches/batch-scan.ts';
import { LogDamage } from '../data-folder/storage-errors.ts';
import { type FolderListing, segmentName } from '../data-folder/folder-listing.ts';
import { syncFolderNow } from '../disk/disk.ts';
import type { SegmentContext } from '../segments/segment-file.ts';
import { cleanedPath, segmentExtensions } from './cleaned-segment.ts';

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
