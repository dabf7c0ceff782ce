import { closeSync, fstatSync, openSync } from 'node:fs';
import { readFully, systemDisk } from './disk.ts';

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
