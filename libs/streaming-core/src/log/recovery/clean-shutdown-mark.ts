import { existsSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';
import { syncFolderNow } from '../disk/durable-file.ts';

/** The name is Kafka's. */
const fileName = '.kafka_cleanshutdown';

/**
 * Removes the mark and returns whether it was there. It counts for one start, because files are
 * written from here on.
 */
export function takeCleanShutdownMark(dataFolder: string): boolean {
  const path = join(dataFolder, fileName);
  if (!existsSync(path)) return false;
  rmSync(path);
  syncFolderNow(dataFolder);
  return true;
}

/** Call this after every file was synced and closed. */
export async function markCleanShutdown(disk: Disk, dataFolder: string): Promise<void> {
  await writeFile(join(dataFolder, fileName), '{"version":0,"brokerEpoch":-1}');
  await disk.syncPath(dataFolder);
}
