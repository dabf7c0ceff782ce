import { resolve } from 'node:path';
import { FolderInUse, lockFolder } from '../../runtime/folder-lock.ts';
import { makeFolder } from '../../runtime/make-folder.ts';
import { DataFolderError, orDataFolderError } from './data-folder-error.ts';
import { openFolderIdentity } from './meta-properties.ts';

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
