import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { minutes, systemClock } from '@millrace/streaming-core/runtime';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import { partitionText, type Partition } from '../starting-offsets.ts';

/** A file to add to the folder. */
export interface NewFile {
  /** The path below the folder, such as `orders/date=2024-01-15/orders-0-0-99.parquet`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The state of a partition in `_offsets`: the offset of the next record, and the files of the last commit.
 */
interface Commit {
  readonly next: string;
  readonly files: readonly string[];
}

/**
 * Puts files into a folder so that a reader sees each record once, even after a kill. New files wait in
 * `_new`. The sink commits them by writing the offset and their names into `_offsets`, and then moves them to
 * their places. The next start moves committed files that a kill has left, and deletes the others.
 */
export class CommittedFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Creates the folder. Rejects with the remedy if the sink cannot write there. */
  prepare(): Promise<void> {
    return this.#explained(async () => {
      await mkdir(join(this.#folder, '_offsets'), { recursive: true });
      await access(join(this.#folder, '_offsets'), constants.W_OK);
    });
  }

  /**
   * Completes an interrupted commit. Returns the offset of the next record, or undefined if nothing is
   * written.
   */
  recover(partition: Partition): Promise<bigint | undefined> {
    return this.#explained(async () => {
      const commit = await this.#read(partition);
      if (commit !== undefined) await this.#moveFiles(partition, commit.files);
      await this.#deleteAbandoned(partition);
      return commit === undefined ? undefined : BigInt(commit.next);
    });
  }

  /** Adds the files with all records from `from` up to `next`, or none of them. */
  commit(
    partition: Partition,
    from: bigint | undefined,
    next: bigint,
    files: readonly NewFile[],
  ): Promise<void> {
    return this.#explained(async () => {
      const paths = files.map(({ path }) => path);
      const newFolder = this.#newFolder(partition);
      const offsetFile = this.#offsetFile(partition);
      await mkdir(newFolder, { recursive: true });
      try {
        for (const { path, bytes } of files) await writeDurably(join(newFolder, flat(path)), bytes);
        await syncFolder(newFolder);
        await this.#expectToStandAt(partition, from, next);
        const commit: Commit = { next: String(next), files: paths };
        await writeDurably(`${offsetFile}.new`, Buffer.from(`${JSON.stringify(commit)}\n`));
      } catch (error) {
        for (const path of paths)
          await rm(join(newFolder, flat(path)), { force: true }).catch(() => undefined);
        throw error;
      }
      await rename(`${offsetFile}.new`, offsetFile);
      await syncFolder(dirname(offsetFile));
      await this.#moveFiles(partition, paths);
    });
  }

  /** The offset is already `next` if an earlier attempt made this commit and failed afterwards. */
  async #expectToStandAt(partition: Partition, from: bigint | undefined, next: bigint): Promise<void> {
    const before = await this.#read(partition);
    const standsAt = before === undefined ? undefined : BigInt(before.next);
    if (standsAt !== from && standsAt !== next)
      throw new ConnectError(
        `another task has written partition ${partition.partition} of topic ${partition.topic} to ` +
          `${this.#folder}: give each connector a folder of its own, then restart the task`,
      );
  }

  /** Deletes only old files, because a task that was replaced may be about to commit newer ones. */
  async #deleteAbandoned(partition: Partition): Promise<void> {
    const folder = this.#newFolder(partition);
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      const { mtimeMs } = await stat(join(folder, name));
      if (mtimeMs < systemClock.now() - abandonedMs) await rm(join(folder, name), { force: true });
    }
  }

  async #moveFiles(partition: Partition, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const place = join(this.#folder, path);
      await mkdir(dirname(place), { recursive: true });
      try {
        await rename(join(this.#newFolder(partition), flat(path)), place);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // a task moved it before it was killed
      }
      await syncFolder(dirname(place));
    }
  }

  async #read(partition: Partition): Promise<Commit | undefined> {
    try {
      return JSON.parse(await readFile(this.#offsetFile(partition), 'utf8')) as Commit;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (!(error instanceof SyntaxError)) throw error;
      throw new ConnectError(
        `${this.#offsetFile(partition)} is damaged: restore it, or delete the folder ${this.#folder} ` +
          'to write all files again',
        { cause: error },
      );
    }
  }

  #offsetFile(partition: Partition): string {
    return join(this.#folder, '_offsets', `${partitionText(partition)}.json`);
  }

  #newFolder(partition: Partition): string {
    return join(this.#folder, '_new', partitionText(partition));
  }

  async #explained<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined || error instanceof ConnectError || error instanceof RetriableConnectError)
        throw error;
      const explained = `the folder ${this.#folder}: ${message}`;
      if (passing.has(code)) throw new RetriableConnectError(explained, { cause: error });
      throw new ConnectError(
        `${explained}. ${remedies[code] ?? 'Correct the folder'}, then restart the task. No record was skipped`,
        {
          cause: error,
        },
      );
    }
  }
}

const abandonedMs = minutes(10);
const passing: ReadonlySet<string> = new Set(['EAGAIN', 'EBUSY', 'EINTR', 'EMFILE', 'ENFILE', 'ETIMEDOUT']);
const remedies: Readonly<Record<string, string>> = {
  EACCES: 'Let the user of this process write it',
  EDQUOT: 'Raise the quota or make room',
  ENOSPC: 'The disk is full: make room',
  EPERM: 'Let the user of this process write it',
  EROFS: 'Mount it with the right to write',
};

/** Makes one name of a path. */
const flat = (path: string): string => path.replaceAll('/', '!');

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
