import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the size of all files in a folder, in megabytes. */
export const folderMb = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) /
  2 ** 20;
