import { existsSync, readFileSync } from 'node:fs';
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
