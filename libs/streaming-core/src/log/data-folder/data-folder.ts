import { resolve } from 'node:path';
import { makeFolder } from '../../runtime/make-folder.ts';
import { orDataFolderError } from './data-folder-error.ts';
import { lockDataFolder } from './folder-lock.ts';
import { openFolderIdentity } from './meta-properties.ts';

/** A data folder that is locked for this process. */
export interface DataFolder {
  readonly path: string;
  /** The same for the life of the folder. */
  readonly clusterId: string;
  /** Releases the lock. */
  release(): void;
}

interface DataFolderOptions {
  /** Made when it is not there. */
  readonly dataFolder: string;
  readonly nodeId: number;
  readonly newUuid: () => string;
}

/** Throws DataFolderError when the folder is in use, newer or cannot be read. */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
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
