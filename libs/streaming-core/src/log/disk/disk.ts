import {
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  readSync,
  writeSync,
  closeSync,
  fsyncSync,
  openSync,
  fstatSync,
} from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Runs the sync of a path, if syncs are still allowed. */
export type SyncGuard = (path: string, sync: () => Promise<void>) => Promise<void>;

const unguarded: SyncGuard = (_, sync) => sync();

/**
 * Replaces a small file atomically: a crash leaves the whole old or the whole new file. The new one
 * is on disk when the promise resolves.
 */
export async function replaceFileDurably(
  path: string,
  content: string | Buffer,
  guard: SyncGuard = unguarded,
): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(content);
    await guard(draft, () => file.sync());
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFile(dirname(path), guard).catch((cause: unknown) => {
    throw new Error(
      `${path} was replaced, but its folder could not be synced: a crash may leave the old file or the new one`,
      {
        cause,
      },
    );
  });
}

/**
 * Syncs a file, or the new, renamed and removed names in a folder. If no descriptor is available,
 * nothing was synced and nothing is lost.
 */
function syncFile(path: string, guard: SyncGuard = unguarded): Promise<void> {
  return guard(path, async () => {
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

export function syncFolderNow(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const nothing = Buffer.alloc(0);

/**
 * Reads a small file, or returns undefined if it does not exist. Does not check for it first, which
 * would be one more call for each file of each partition. Does not use `readFileSync`, which
 * allocates 64 KB for an empty file, and most indexes of a small log are empty.
 */
export function readIfPresent(path: string): Buffer | undefined {
  const file = openIfPresent(path);
  if (file === undefined) return undefined;
  try {
    const { size } = fstatSync(file);
    return size === 0 ? nothing : readFully(systemDisk, file, Buffer.allocUnsafe(size), 0);
  } finally {
    closeSync(file);
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The calls that can fail because of the disk, as a port: tests pass a full or a failing disk. */
export interface Disk {
  /** Writes some or all of the bytes, and returns how many. */
  write(file: number, bytes: Buffer, from: number, position: number): number;
  read(file: number, into: Buffer, from: number, position: number): number;
  truncate(file: number, length: number): void;
  /** Resolves when the data of the file are on disk. Runs in the thread pool. */
  sync(file: number, path: string): Promise<void>;
  /** Blocks the thread. */
  syncNow(file: number, path: string): void;
  /** Syncs the names in a folder, or a small file that is not open. */
  syncPath(path: string, guard?: SyncGuard): Promise<void>;
  /**
   * Replaces a small file atomically. The new file is on disk when the promise resolves. A full
   * disk keeps the old one.
   */
  replaceFile(path: string, content: string, guard?: SyncGuard): Promise<void>;
}

export const systemDisk: Disk = Object.freeze({
  write: (file: number, bytes: Buffer, from: number, position: number) =>
    writeSync(file, bytes, from, bytes.length - from, position),
  read: (file: number, into: Buffer, from: number, position: number) =>
    readSync(file, into, from, into.length - from, position),
  truncate: ftruncateSync,
  sync: (file: number) =>
    new Promise<void>((resolve, reject) =>
      fdatasync(file, (error) => (error === null ? resolve() : reject(error))),
    ),
  syncNow: fdatasyncSync,
  syncPath: syncFile,
  replaceFile: replaceFileDurably,
});

export function writeFully(disk: Disk, file: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length;)
    written += disk.write(file, bytes, written, position + written);
}

/** Fills the buffer until the end of the file, and returns the part that was filled. */
export function readFully(disk: Disk, file: number, into: Buffer, position: number): Buffer {
  let filled = 0;
  while (filled < into.length) {
    const count = disk.read(file, into, filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return into.subarray(0, filled);
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'code' in error;

/**
 * The resource that a write lacked, with the remedy, or undefined for any other failure. A shortage
 * may pass, so only this write fails.
 */
export function shortageOf(error: unknown): string | undefined {
  if (isDiskFull(error)) return 'no space left on the disk: make room';
  if (isOutOfFiles(error)) return 'too many open files: raise the limit (ulimit -n)';
  return undefined;
}

export const isOutOfFiles = (error: unknown): boolean =>
  isSystemError(error) && (error.code === 'EMFILE' || error.code === 'ENFILE');

export const isDiskFull = (error: unknown): boolean =>
  isSystemError(error) && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
