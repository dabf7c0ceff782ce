import { DiskImage } from './disk-image.ts';
import type { DiskOperation } from './disk-operation.ts';
import { readContents } from './write-contents.ts';

/** Paths at which the record and the folder differ: none, or changes were made that the watcher did not see, and no crash can be trusted. */
export function unseenChanges(operations: readonly DiskOperation[], folder: string): readonly string[] {
  const image = new DiskImage();
  for (const operation of operations) image.apply(operation);
  const recorded = image.contents('killed', () => 0);
  const contents = readContents(folder);
  const same = (one: Buffer | 'folder' | undefined, other: Buffer | 'folder' | undefined) =>
    one === other || (Buffer.isBuffer(one) && Buffer.isBuffer(other) && one.equals(other));
  return [...new Set([...recorded.keys(), ...contents.keys()])].filter(
    (path) => !same(recorded.get(path), contents.get(path)),
  );
}
