import { pause, type Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/index.ts';
import { isOutOfFiles, shortageOf, type Disk } from './disk.ts';
import type { SyncGuard } from './durable-file.ts';
import type { StorageHealth } from './storage-health.ts';

/** For descriptors to become free. */
const waitMs = 50;
const waitsMax = 600;

interface TrustedDiskParts {
  readonly health: StorageHealth;
  /** Closes a file that nobody uses; false when there is none. */
  readonly giveWay: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * A disk of which no sync is asked any more once one failed. One that was under way then fails, too: the kernel reports a failure once, so a success
 * that comes after it says nothing. Without room a sync fails alone. One that could not begin, for want of a descriptor, has not failed: it is begun
 * again, and whoever waits for it waits longer.
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
        if (waits === 0) logger.error({ err: error, path }, `a sync waits, ${shortageOf(error)}`);
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
