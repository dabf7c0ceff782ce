import { closeSync, openSync } from 'node:fs';
import { isOutOfFiles } from '../disk/disk.ts';

interface OpenFile {
  readonly file: number;
  pins: number;
}

/**
 * Files kept open, at most `openFilesMax`: beyond that the one unused for longest is closed. A pinned file (it has data not yet synced, or a
 * sync under way) stays open, because only the descriptor that wrote learns of the failure.
 */
export class OpenFiles {
  readonly #openFilesMax: number;
  readonly #files = new Map<string, OpenFile>();

  constructor(options: { readonly openFilesMax: number }) {
    this.#openFilesMax = options.openFilesMax;
  }

  /** Valid until the caller gives up control; pin it to keep it longer. */
  use(path: string): number {
    const known = this.#files.get(path);
    if (known !== undefined) {
      this.#files.delete(path);
      this.#files.set(path, known);
      return known.file;
    }
    return this.#open(path, 'r+');
  }

  /** A new file, empty. */
  create(path: string): void {
    this.#open(path, 'wx+');
  }

  pin(path: string): number {
    const file = this.use(path);
    this.#files.get(path)!.pins += 1;
    return file;
  }

  unpin(path: string): void {
    const known = this.#files.get(path);
    if (known !== undefined) known.pins -= 1;
  }

  close(path: string): void {
    const known = this.#files.get(path);
    if (known === undefined) return;
    this.#files.delete(path);
    closeSync(known.file);
  }

  /** Closes the one unused for longest: the process may have no more open, sockets included. False when all are in use. */
  giveWay(): boolean {
    for (const [path, { pins }] of this.#files)
      if (pins === 0) {
        this.close(path);
        return true;
      }
    return false;
  }

  closeAll(): void {
    for (const path of [...this.#files.keys()]) this.close(path);
  }

  #open(path: string, flags: 'r+' | 'wx+'): number {
    if (this.#files.size >= this.#openFilesMax) this.giveWay();
    for (;;)
      try {
        const file = openSync(path, flags);
        this.#files.set(path, { file, pins: 0 });
        return file;
      } catch (error) {
        if (!isOutOfFiles(error) || !this.giveWay()) throw error;
      }
  }
}
