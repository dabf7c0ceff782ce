import { crc32c } from '@node-rs/crc32';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent } from '../disk/disk.ts';

const fileName = 'index-checksums';

interface Checksum {
  readonly bytes: number;
  readonly crc: number;
}

/**
 * Checksums of a partition's index files when they were written. Kafka's formats have no checksum,
 * and an index with a lost end or a wrong bit would hide an aborted transaction, or a record from a
 * search by time. The file is ours, and Kafka ignores it. It has one line per index file, with the
 * file's name, its size in bytes and its CRC-32C. The checksums are only hints: an index that does
 * not match is rebuilt from the log, and one that is not listed is trusted.
 */
export class IndexChecksums {
  readonly #folder: string;
  #known: Map<string, Checksum> | undefined;
  #isSaved = true;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Whether a file of the partition's folder holds what was written. With `growing`, more bytes may
   * follow. A file that is not listed is trusted, and listed from now on.
   */
  believe(name: string, bytes: Buffer, { growing = false }: { readonly growing?: boolean } = {}): boolean {
    const known = this.#checksums.get(name);
    const sizeFits =
      known === undefined || bytes.length === known.bytes || (growing && bytes.length > known.bytes);
    if (!sizeFits || (known !== undefined && crc32c(bytes.subarray(0, known.bytes)) !== known.crc))
      return false;
    if (known?.bytes !== bytes.length) this.note(name, bytes);
    return true;
  }

  /**
   * Whether the file on disk lists all known checksums. An empty index need not be listed, because
   * it is trusted.
   */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** Whether these bytes are known to be the last ones written to the file. */
  lists(name: string, bytes: Buffer): boolean {
    const known = this.#checksums.get(name);
    return known?.bytes === bytes.length && known.crc === crc32c(bytes);
  }

  /** Call this after the file was written. */
  note(name: string, bytes: Buffer): void {
    if (this.lists(name, bytes)) return;
    const known = this.#checksums.get(name);
    this.#checksums.set(name, { bytes: bytes.length, crc: crc32c(bytes) });
    if (known !== undefined || bytes.length > 0) this.#isSaved = false;
  }

  /** Call this after bytes were appended to the file. */
  noteMore(name: string, bytes: Buffer): void {
    const known = this.#checksums.get(name);
    if (known === undefined) return;
    this.#checksums.set(name, { bytes: known.bytes + bytes.length, crc: crc32c(bytes, known.crc) });
    this.#isSaved = false;
  }

  /** Call this when the file is deleted or replaced. */
  forget(name: string): void {
    if (this.#checksums.delete(name)) this.#isSaved = false;
  }

  /** Never fails: without the file, the next start rebuilds or trusts the indexes. */
  save(): void {
    if (this.#isSaved) return;
    const path = join(this.#folder, fileName);
    try {
      const present = new Set(readdirSync(this.#folder));
      for (const name of this.#checksums.keys()) if (!present.has(name)) this.#checksums.delete(name);
      const lines = [...this.#checksums].map(([name, { bytes, crc }]) => `${name} ${bytes} ${crc}\n`);
      writeFileSync(`${path}.tmp`, lines.join(''));
      renameSync(`${path}.tmp`, path);
      this.#isSaved = true;
    } catch {
      // an outdated hint only costs time
    }
  }

  get #checksums(): Map<string, Checksum> {
    this.#known ??= readChecksums(join(this.#folder, fileName));
    return this.#known;
  }
}

/** Ignores damaged lines. */
function readChecksums(path: string): Map<string, Checksum> {
  const lines = readIfPresent(path)?.toString().split('\n') ?? [];
  const found = lines.map((line) => /^(\d{20}\.\w+) (\d{1,10}) (\d{1,10})$/.exec(line));
  return new Map(
    found.flatMap((one) =>
      one === null ? [] : [[one[1]!, { bytes: Number(one[2]), crc: Number(one[3]) }] as const],
    ),
  );
}
