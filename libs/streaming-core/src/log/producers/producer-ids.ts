import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';

const blockSize = 1_000n;
const madeUpFrom = 2n ** 62n;

/** Producer ids that are never given twice: a block is on disk as used before the first id of it goes out; a restart skips the rest of one. */
export class ProducerIds {
  readonly #disk: Disk;
  readonly #path: string;
  #next: bigint;
  #reserved: bigint;
  #reserving: Promise<void> | undefined;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#path = join(folder, 'producer-ids');
    const text = existsSync(this.#path) ? readFileSync(this.#path, 'utf8').trim() : '0';
    if (!/^\d+$/.test(text)) throw new Error(`${this.#path} cannot be read: restore it from a copy`);
    this.#next = BigInt(text);
    this.#reserved = this.#next;
  }

  /** A file that was lost: what the logs know was given. Clients may have made up ids of their own, as high as there are. */
  startAbove(given: bigint): void {
    if (this.#next > 0n || given >= madeUpFrom) return;
    this.#next = given + 1n;
    this.#reserved = this.#next;
  }

  async allocate(): Promise<bigint> {
    while (this.#next >= this.#reserved) {
      this.#reserving ??= this.#reserve().finally(() => (this.#reserving = undefined));
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    const reserved = this.#reserved + blockSize;
    await this.#disk.replaceFile(this.#path, `${reserved}\n`);
    this.#reserved = reserved;
  }
}
