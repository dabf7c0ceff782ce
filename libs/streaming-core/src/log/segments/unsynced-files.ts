import type { Disk } from '../disk/disk.ts';
import type { OpenFiles } from './open-files.ts';
import type { Segment } from './segment.ts';

interface UnsyncedFilesOptions {
  readonly folder: string;
  readonly disk: Disk;
  readonly files: OpenFiles;
}

/** What of a partition's folder was written and not yet synced. */
export class UnsyncedFiles {
  readonly #options: UnsyncedFilesOptions;
  #segments = new Set<Segment>();
  #paths = new Set<string>();
  #folderChanged = false;

  constructor(options: UnsyncedFilesOptions) {
    this.#options = options;
  }

  /** Before the segment is written: its file then stays open, because only the descriptor that wrote learns of a failure. */
  written(segment: Segment): void {
    if (this.#segments.has(segment)) return;
    this.#options.files.pin(segment.path);
    this.#segments.add(segment);
  }

  folderChanged(): void {
    this.#folderChanged = true;
  }

  /** A small file that is in place. */
  replaced(path: string): void {
    this.#paths.add(path);
    this.#folderChanged = true;
  }

  async sync(): Promise<void> {
    const { folder, disk, files } = this.#options;
    const segments = this.#segments;
    const paths = this.#paths;
    const folderChanged = this.#folderChanged;
    this.#segments = new Set();
    this.#paths = new Set();
    this.#folderChanged = false;
    await Promise.all([...segments].map((segment) => disk.sync(files.use(segment.path), segment.path)));
    for (const segment of segments) files.unpin(segment.path); // it may have to give way to those that are opened now
    for (const path of paths) await disk.syncPath(path);
    if (folderChanged) await disk.syncPath(folder);
  }
}
