import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';
import { readOffsets, writeOffsets, type Offsets } from '../data-folder/offset-checkpoint.ts';

/** One checkpoint file of the data folder, written when an offset in it has changed. */
export class Checkpoint {
  readonly #disk: Disk;
  readonly #path: string;
  /** Undefined if the file does not exist. */
  #written: Offsets | undefined;

  /** Throws if the file exists but is malformed. */
  constructor(options: { readonly disk: Disk; readonly folder: string; readonly file: string }) {
    this.#disk = options.disk;
    this.#path = join(options.folder, options.file);
    this.#written = readOffsets(options.folder, options.file);
  }

  get exists(): boolean {
    return this.#written !== undefined;
  }

  offsetOf(partition: string): bigint | undefined {
    return this.#written?.get(partition);
  }

  /** The file is durable when the promise resolves. */
  async write(offsets: Offsets): Promise<void> {
    const known = this.#written;
    const same =
      known?.size === offsets.size && [...offsets].every(([name, offset]) => known.get(name) === offset);
    if (same) return;
    await writeOffsets(this.#disk, this.#path, offsets);
    this.#written = offsets;
  }
}
