import { closeSync, openSync, existsSync, readFileSync } from 'node:fs';
import { isOutOfFiles } from '../disk/disk.ts';
import type { Logger } from '../../runtime/index.ts';

const path = '/proc/self/limits';

/**
 * How many files this process may have open, including sockets, or undefined if the system does not
 * say. Node raises the soft limit to the hard limit.
 */
export function openFilesLimit(): number | undefined {
  if (!existsSync(path)) return undefined;
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1];
  return soft === undefined ? undefined : Number(soft);
}

const keptOpenMax = 512;

/**
 * How many log files stay open between uses. The other descriptors are for files that wait for
 * their sync, and for connections.
 */
export const keptOpenWithin = (limit = Infinity): number =>
  Math.max(16, Math.min(keptOpenMax, Math.floor(limit / 4)));

/**
 * The limit of connections. The broker rejects more of them with a log line, before the kernel does
 * so silently and the log has no descriptors for its syncs.
 */
export const connectionsWithin = (limit = Infinity): number => Math.max(16, Math.floor(limit / 2));

/** Descriptors for everything else, including a thousand connections. */
const besidePartitions = 1_500;

/**
 * Warns if the limit may not suffice, because a partition with unsynced writes needs a descriptor
 * until it is synced.
 */
export function warnOfFewFiles(partitions: number, logger: Logger, limit = openFilesLimit()): void {
  const wanted = partitions + besidePartitions;
  if (limit === undefined || limit >= wanted) return;
  logger.warn(
    { limit, wanted, partitions },
    `this process may open ${limit} files, which ${partitions} partitions and their clients may ` +
      `exceed: raise the limit (ulimit -n ${wanted})`,
  );
}

interface OpenFile {
  readonly file: number;
  pins: number;
}

/**
 * Keeps at most `openFilesMax` files open and closes the least recently used one beyond that. A
 * pinned file, which has unsynced data or a sync in progress, stays open, because only the
 * descriptor that wrote the data learns of a failure.
 */
export class OpenFiles {
  readonly #openFilesMax: number;
  readonly #files = new Map<string, OpenFile>();

  constructor(options: { readonly openFilesMax: number }) {
    this.#openFilesMax = options.openFilesMax;
  }

  /** The descriptor is valid until the caller awaits something. Pin the file to keep it longer. */
  use(path: string): number {
    const known = this.#files.get(path);
    if (known !== undefined) {
      this.#files.delete(path);
      this.#files.set(path, known);
      return known.file;
    }
    return this.#open(path, 'r+');
  }

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

  /**
   * Closes the least recently used file, because the process has no descriptors left for files or
   * sockets. Returns false if all files are pinned.
   */
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
