import { DiskImage } from './disk-image.ts';
import type { DiskOperation } from './disk-operation.ts';
import { readContents } from './write-contents.ts';

/**
 * The paths at which the record and the folder differ. If there are any, the watcher missed
 * changes, and no crash that is derived from the record can be trusted.
 */
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
