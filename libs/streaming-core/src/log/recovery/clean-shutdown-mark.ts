import { existsSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';
import { syncFolderNow } from '../disk/durable-file.ts';

/** Kafka's name. */
const fileName = '.kafka_cleanshutdown';

/** The mark holds for one start: from here on files are written. */
export function takeCleanShutdownMark(dataFolder: string): boolean {
  const path = join(dataFolder, fileName);
  if (!existsSync(path)) return false;
  rmSync(path);
  syncFolderNow(dataFolder);
  return true;
}

/** Every file was synced and closed. */
export async function markCleanShutdown(disk: Disk, dataFolder: string): Promise<void> {
  await writeFile(join(dataFolder, fileName), '{"version":0,"brokerEpoch":-1}');
  await disk.syncPath(dataFolder);
}
