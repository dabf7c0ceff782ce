import { lowDiskBytes, megabyte } from '@millrace/operations/client';
import { seconds, type Clock } from '@millrace/streaming-core/runtime';

export interface DiskWatchOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** Returns how much room is left on the disk of a folder. */
  readonly freeBytes: (folder: string) => number;
  readonly print: (line: string) => void;
}

const lookEveryMs = seconds(5);
/** Twice the limit, so that a disk at the limit is not reported again and again. */
const enoughBytes = 2 * lowDiskBytes;

/**
 * Prints a line when the disk of a folder is nearly full, and another one when it has room again:
 * on a full disk the parts cannot write into their logs what is wrong. Returns a function that ends
 * the watch.
 */
export function watchDisk(folder: string, { clock, freeBytes, print }: DiskWatchOptions): () => void {
  let isLow = false;
  let cancel: () => void = () => undefined;
  const look = () => {
    cancel = clock.after(lookEveryMs, look);
    const free = freeBytes(folder);
    const inWords = `the disk of ${folder} has ${Math.floor(free / megabyte)} MB left`;
    if (!isLow && free < lowDiskBytes)
      print(`${inWords}: make room before it is full (docs/operations/what-to-do.md#the-disk-is-full)`);
    if (isLow && free >= enoughBytes) print(`${inWords}, which is enough again`);
    isLow = free < (isLow ? enoughBytes : lowDiskBytes);
  };
  look();
  return () => cancel();
}
