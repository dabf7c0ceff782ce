import { readdirSync } from 'node:fs';
import { LogDamage } from './storage-errors.ts';

/** Kafka's name for the files of a segment: the base offset with 20 digits. */
export const segmentName = (baseOffset: bigint): string => baseOffset.toString().padStart(20, '0');

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
