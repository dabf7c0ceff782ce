import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';

const blockSize = 1_000n;
const madeUpFrom = 2n ** 62n;

/**
 * Allocates each producer id only once. The file reserves a block of ids before the first of them
 * is used; a restart skips the rest of the block.
 */
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

  /**
   * Call this with the highest id in the logs: if the file was lost, allocation continues after it.
   * Ids from 2^62 on were invented by clients and do not count.
   */
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
