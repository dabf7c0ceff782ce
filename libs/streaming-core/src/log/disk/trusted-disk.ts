import { pause, type Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/index.ts';
import { isOutOfFiles, shortageOf, type Disk, type SyncGuard } from './disk.ts';
import type { StorageHealth } from './storage-health.ts';

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
