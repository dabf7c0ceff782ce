import { resolve, join } from 'node:path';
import { existsSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { FolderInUse, lockFolder, makeFolder } from '../../runtime/folders.ts';
import { DataFolderError, orDataFolderError } from './storage-errors.ts';
import { openFolderIdentity } from './meta-properties.ts';
import { type Disk, syncFolderNow } from '../disk/disk.ts';

/** A folder on disk that holds the files of one broker, locked for this process. */
export interface DataFolder {
  readonly path: string;
  /** It never changes during the life of the folder. */
  readonly clusterId: string;
  /** Releases the lock. */
  release(): void;
}

interface DataFolderOptions {
  /** Created if it does not exist. */
  readonly dataFolder: string;
  readonly nodeId: number;
  readonly newUuid: () => string;
}

/**
 * Opens a data folder for `use`, and releases it if `use` fails. Throws DataFolderError if the
 * folder is in use, has another format or cannot be read.
 */
export async function withDataFolder<Result>(
  options: DataFolderOptions,
  use: (folder: DataFolder) => Promise<Result>,
): Promise<Result> {
  const folder = await openDataFolder(options);
  try {
    return await use(folder);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const path = resolve(options.dataFolder);
  makeFolder(path);
  const release = lockDataFolder(path, options.newUuid);
  try {
    return { path, release, ...(await openFolderIdentity(path, options)) };
  } catch (error) {
    release();
    throw orDataFolderError(path, error);
  }
}

function lockDataFolder(path: string, newUuid: () => string): () => void {
  try {
    return lockFolder(path, newUuid);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new DataFolderError(
      `data folder ${path} is in use by ${error.holder}: stop it, or set another folder`,
      { cause: error },
    );
  }
}

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
