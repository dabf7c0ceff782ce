import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { stoppedCluster } from '@millrace/embedded-postgres';
import { join } from 'node:path';

export const keysFolder = (dataFolder: string): string => join(dataFolder, 'keys');

/** Marks a data folder whose keys have not been restored yet. */
const markerOf = (dataFolder: string): string => `${keysFolder(dataFolder)}.missing`;

/** Whether the stack of this data folder has keys of its own, or is to get them back. */
export const hasOwnKeys = (dataFolder: string): Promise<boolean> =>
  stoppedCluster(keysFolder(dataFolder)).then(
    () => true,
    () => existsSync(markerOf(dataFolder)),
  );

export const markKeysMissing = (dataFolder: string): void =>
  writeFileSync(markerOf(dataFolder), 'restored without its keys\n');

export const markKeysRestored = (dataFolder: string): void => rmSync(markerOf(dataFolder), { force: true });

/**
 * Throws a one-line error if the keys of a restored data folder are still missing. A start would make
 * new keys for the same customers, and the restored ones could not join them later.
 */
export async function refuseMissingKeys(dataFolder: string): Promise<void> {
  const marker = markerOf(dataFolder);
  if (!existsSync(marker)) return;
  const isRestored = await stoppedCluster(keysFolder(dataFolder)).then(
    () => true,
    () => false,
  );
  if (isRestored) return markKeysRestored(dataFolder);
  throw new Error(
    `${dataFolder} was restored without its keys: add them with \`npm run restore -- --keys-from FOLDER\`. ` +
      `If they are lost for good, delete ${marker}; what they sealed then stays unreadable, ` +
      'and the services name the setting that confirms it (KEYS_DATABASE_LOST)',
  );
}
