import type { Logger } from '../../runtime/index.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { shortageOf, isOutOfFiles, type Disk, type SyncGuard } from './disk.ts';
import { pause, type Clock } from '../../runtime/clock.ts';

/** Time between two attempts to get a descriptor. */
const waitMs = 50;
const waitsMax = 600;

interface TrustedDiskParts {
  readonly health: StorageHealth;
  /** Closes an unused file. Returns false if there is none. */
  readonly giveWay: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A disk that stops syncing after the first failure.
 * - A sync that was in flight then fails, too: the kernel reports a failure only once, so a later
 *   success proves nothing.
 * - On a full disk, only the sync itself fails.
 * - A sync that found no descriptor has not failed: it is repeated, and its callers wait longer.
 */
export function trustedDisk(disk: Disk, { health, giveWay, clock, logger }: TrustedDiskParts): Disk {
  const failed = (path: string, error: unknown) =>
    shortageOf(error) === undefined ? health.fail(`fsync of ${path} failed`, error) : error;
  const guard: SyncGuard = async (path, sync) => {
    for (let waits = 0; ;)
      try {
        health.check();
        await sync();
        return health.check();
      } catch (error) {
        if (!isOutOfFiles(error) || waits === waitsMax) throw failed(path, error);
        if (giveWay()) continue;
        if (waits === 0) logger.error({ err: error, path }, `a sync is waiting, ${shortageOf(error)}`);
        waits += 1;
        await pause(clock, waitMs);
      }
  };
  return {
    ...disk,
    sync: (file, path) => guard(path, () => disk.sync(file, path)),
    syncNow(file, path) {
      health.check();
      try {
        disk.syncNow(file, path);
      } catch (error) {
        throw failed(path, error);
      }
    },
    syncPath: (path) => disk.syncPath(path, guard),
    replaceFile: (path, content) => disk.replaceFile(path, content, guard),
  };
}

/**
 * Whether the log directory can be trusted. After one failed fsync it cannot: the kernel may have
 * dropped the pages and report success the next time ("fsyncgate"). So nothing is retried, and the
 * directory stays offline until a restart has read what is really on disk.
 */
export class StorageHealth {
  readonly #logger: Logger;
  readonly #listeners = new Set<(cause: ProtocolError) => void>();
  #cause: ProtocolError | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get offlineCause(): ProtocolError | undefined {
    return this.#cause;
  }

  /** Throws KAFKA_STORAGE_ERROR once the directory is offline. */
  check(): void {
    if (this.#cause !== undefined) throw this.#cause;
  }

  fail(message: string, cause: unknown): ProtocolError {
    if (this.#cause !== undefined) return this.#cause;
    this.#cause = new ProtocolError(
      'KAFKA_STORAGE_ERROR',
      `${message}: the log directory is offline. Check the disk, then restart the broker`,
      { cause },
    );
    this.#logger.error({ err: cause }, this.#cause.message);
    for (const listener of [...this.#listeners]) listener(this.#cause);
    return this.#cause;
  }

  /**
   * Makes a change of the log directory. Only this change fails if the disk is full or no
   * descriptor is free. After any other failure the directory goes offline.
   */
  async durably<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      const shortage = shortageOf(error);
      if (shortage === undefined) throw this.fail(`${what} failed`, error);
      throw new ProtocolError('KAFKA_STORAGE_ERROR', `${what} failed, ${shortage}, then try again`, {
        cause: error,
      });
    }
  }

  onOffline(listener: (cause: ProtocolError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
