import { closeSync, fstatSync, openSync } from 'node:fs';
import { readFully, systemDisk } from './disk.ts';

const nothing = Buffer.alloc(0);

/**
 * A small file, whole; undefined when there is none. To look for it first would be one more call for each file of each partition, and `readFileSync`
 * allocates 64 KB for an empty file, which most indexes of a small log are.
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
