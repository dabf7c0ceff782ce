import { statfsSync } from 'node:fs';

/** A mebibyte, in bytes. */
export const megabyte = 1024 ** 2;

/** With less room than this, the disk of a stack is full soon. */
export const lowDiskBytes = 256 * megabyte;

/** How much room is left on the disk of a folder. Infinity for a disk that does not say so. */
export function freeBytesOn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
