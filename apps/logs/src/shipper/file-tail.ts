import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { LineSplitter } from './line-splitter.ts';

const chunkBytes = 512 * 1024;
const headBytesMax = 256;

/** How far a file was read. The hash of its first bytes says which file it was, whatever its name is now. */
export interface FilePosition {
  readonly offset: number;
  readonly headBytes: number;
  readonly head: string;
}

export interface ReadLines {
  readonly lines: readonly Buffer[];
  /** The position after them. Absent if no line has ended. */
  readonly position?: FilePosition;
  /** Whether there may be more to read now. */
  readonly more: boolean;
}

interface OpenFile {
  readonly descriptor: number;
  readonly inode: number;
  offset: number;
  head?: Pick<FilePosition, 'head' | 'headBytes'>;
}

/** One buffer is enough, since lines are used before the next read. */
const chunk = Buffer.allocUnsafe(chunkBytes);

/**
 * Reads the lines that are appended to a file. When the file is renamed to `FILE.1` and begun anew,
 * it reads the old one to its end first; a line that began in the old file and ends in the new one
 * stays whole. A file that has become shorter is read from its beginning.
 */
export class FileTail {
  readonly #path: string;
  readonly #lines = new LineSplitter();
  readonly #onLost: () => void;
  #from: FilePosition | undefined;
  #file: OpenFile | undefined;

  /**
   * Begins after `from`, or without it with `FILE.1` if there is one. Calls `onLost` if no file has
   * that position any more, because there were several rotations since: lines are missing then.
   */
  constructor(path: string, from: FilePosition | undefined, onLost: () => void) {
    this.#path = path;
    this.#from = from;
    this.#onLost = onLost;
  }

  /** Reads one chunk. Use the lines before the next read of any tail. */
  read(): ReadLines {
    this.#file ??= this.#first();
    const file = this.#file;
    if (file === undefined) return { lines: [], more: false };
    const next = this.#successor(file.inode); // before the read, so that nothing can be appended after it
    const bytes = readSync(file.descriptor, chunk, 0, chunkBytes, file.offset);
    if (bytes > 0) {
      file.offset += bytes;
      return this.#read(
        file,
        this.#lines.push(chunk.subarray(0, bytes)),
        bytes === chunkBytes || next !== undefined,
      );
    }
    if (fstatSync(file.descriptor).size < file.offset) {
      Object.assign(file, { offset: 0, head: undefined });
      return this.#read(file, this.#lines.end(), true);
    }
    if (next === undefined) return { lines: [], more: false };
    this.close();
    this.#file = opened(next, 0);
    return { lines: [], more: true };
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  #read(file: OpenFile, lines: readonly Buffer[], more: boolean): ReadLines {
    if (lines.length === 0) return { lines, more };
    const offset = file.offset - this.#lines.unfinishedBytes;
    if (file.head === undefined || file.head.headBytes < Math.min(headBytesMax, offset))
      file.head = headOf(file.descriptor, Math.min(headBytesMax, offset));
    return { lines, position: { offset, ...file.head }, more };
  }

  #first(): OpenFile | undefined {
    const from = this.#from;
    this.#from = undefined;
    if (from?.offset === 0) return opened(this.#path, 0);
    const paths = [this.#rotated, this.#path].filter((path) => statOf(path) !== undefined);
    if (from !== undefined) {
      for (const path of paths) {
        const file = opened(path, from.offset);
        if (file !== undefined && isAt(file, from)) return file;
        if (file !== undefined) closeSync(file.descriptor);
      }
      if (paths.length > 0) this.#onLost();
    }
    return paths[0] === undefined ? undefined : opened(paths[0], 0);
  }

  /** Returns the file that was begun after this one, if there is one: `FILE`, or `FILE.1` after two rotations. */
  #successor(inode: number): string | undefined {
    const current = statOf(this.#path);
    if (current === undefined || current.ino === inode) return undefined;
    const rotated = statOf(this.#rotated);
    const own = fstatSync(this.#file!.descriptor);
    const isBetween = rotated !== undefined && rotated.ino !== inode && rotated.mtimeMs > own.mtimeMs;
    return isBetween ? this.#rotated : this.#path;
  }

  get #rotated(): string {
    return `${this.#path}.1`;
  }
}

function opened(path: string, offset: number): OpenFile | undefined {
  try {
    const descriptor = openSync(path, 'r');
    return { descriptor, inode: fstatSync(descriptor).ino, offset };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // it was renamed a moment ago
    throw error;
  }
}

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

const isAt = ({ descriptor }: OpenFile, { offset, headBytes, head }: FilePosition): boolean =>
  fstatSync(descriptor).size >= offset && headOf(descriptor, headBytes).head === head;

function headOf(descriptor: number, headBytes: number): Pick<FilePosition, 'head' | 'headBytes'> {
  const bytes = Buffer.alloc(headBytes);
  readSync(descriptor, bytes, 0, headBytes, 0);
  return { headBytes, head: createHash('sha256').update(bytes).digest('hex') };
}
