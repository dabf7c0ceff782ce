import { existsSync, readFileSync } from 'node:fs';
import type { Logger } from '../../runtime/index.ts';

const path = '/proc/self/limits';

/** How many files this process may have open, sockets included; undefined where the system does not say. Node takes the hard limit for its own. */
export function openFilesLimit(): number | undefined {
  if (!existsSync(path)) return undefined;
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(path, 'utf8'))?.[1];
  return soft === undefined ? undefined : Number(soft);
}

const keptOpenMax = 512;

/** Log files kept open between uses: the rest is for files that wait for their sync, and for connections. */
export const keptOpenWithin = (limit = Infinity): number =>
  Math.max(16, Math.min(keptOpenMax, Math.floor(limit / 4)));

/** Connections: beyond it they are refused aloud, before the kernel does it without a word and the log lacks files for its syncs. */
export const connectionsWithin = (limit = Infinity): number => Math.max(16, Math.floor(limit / 2));

/** For what else a broker opens, a thousand connections included. */
const besidePartitions = 1_500;

/** Each partition that is written needs a file until it is synced. */
export function warnOfFewFiles(partitions: number, logger: Logger, limit = openFilesLimit()): void {
  const wanted = partitions + besidePartitions;
  if (limit === undefined || limit >= wanted) return;
  logger.warn(
    { limit, wanted, partitions },
    `this process may open ${limit} files, which ${partitions} partitions and their clients may exceed: raise the limit (ulimit -n ${wanted})`,
  );
}
