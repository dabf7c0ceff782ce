import type { Disk } from '../disk/disk.ts';
import type { OpenFiles } from './open-files.ts';
import type { Segment } from './segment.ts';

interface UnsyncedFilesOptions {
  readonly folder: string;
  readonly disk: Disk;
  readonly files: OpenFiles;
}

/** The files of a partition's folder that were written but not yet synced. */
export class UnsyncedFiles {
  readonly #options: UnsyncedFilesOptions;
  #segments = new Set<Segment>();
  #paths = new Set<string>();
  #folderChanged = false;

  constructor(options: UnsyncedFilesOptions) {
    this.#options = options;
  }

  /**
   * Call this before the segment is written. Its file then stays open, because only the descriptor
   * that wrote the data learns of a failure.
   */
  written(segment: Segment): void {
    if (this.#segments.has(segment)) return;
    this.#options.files.pin(segment.path);
    this.#segments.add(segment);
  }

  folderChanged(): void {
    this.#folderChanged = true;
  }

  /** Call this after a small file was replaced. */
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
    // Unpin first: the files that are opened next may need the descriptors.
    for (const segment of segments) files.unpin(segment.path);
    for (const path of paths) await disk.syncPath(path);
    if (folderChanged) await disk.syncPath(folder);
  }
}
