import type { Disk } from './disk.ts';
import { syncFolder } from './durable-file.ts';
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

  async sync(): Promise<void> {
    const { folder, disk, files } = this.#options;
    const [segments, folderChanged] = [this.#segments, this.#folderChanged];
    this.#segments = new Set();
    this.#folderChanged = false;
    await Promise.all([...segments].map((segment) => disk.sync(files.use(segment.path))));
    if (folderChanged) await syncFolder(folder);
    for (const segment of segments) files.unpin(segment.path);
  }
}
