import { fdatasync, fdatasyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { replaceFileDurably, syncFile, type SyncGuard } from './durable-file.ts';

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
