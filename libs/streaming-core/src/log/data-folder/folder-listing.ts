import { readdirSync } from 'node:fs';
import { LogDamage } from '../damage.ts';

/**
 * The names in a partition's folder, read once while the partition is opened: a start with
 * thousands of partitions mostly waits for the disk.
 */
export class FolderListing {
  readonly folder: string;
  #names: readonly string[] | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The names in sorted order. Throws LogDamage if the folder is missing. */
  get names(): readonly string[] {
    this.#names ??= namesIn(this.folder);
    return this.#names;
  }

  /** Call this after files were added, renamed or removed. */
  changed(): void {
    this.#names = undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new LogDamage(`${folder} is missing`);
  }
}
