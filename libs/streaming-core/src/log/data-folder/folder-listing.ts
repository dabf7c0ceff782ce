import { readdirSync } from 'node:fs';
import { LogDamage } from '../damage.ts';

/** What is in a partition's folder, read once while the partition is opened: a start with thousands of them mostly waits for the disk. */
export class FolderListing {
  readonly folder: string;
  #names: readonly string[] | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** In order. Throws LogDamage when the folder is missing. */
  get names(): readonly string[] {
    this.#names ??= namesIn(this.folder);
    return this.#names;
  }

  /** Files were added, renamed or removed: the folder is read again. */
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
