import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder outside every checkout for downloads and for results of earlier runs on this machine.
 */
export const cacheFolder = process.env.MILLRACE_CACHE || join(homedir(), '.cache/millrace');

/**
 * Makes Nx keep its results and their index outside the checkout, so that a fresh clone replays
 * what has passed on this machine for exactly the same inputs. Nx looks for the index in the
 * workspace's data folder, so the cache folder alone would not be enough.
 */
export const sharedNxCache: Readonly<Record<string, string>> = {
  NX_CACHE_DIRECTORY: join(cacheFolder, 'nx/cache'),
  NX_WORKSPACE_DATA_DIRECTORY: join(cacheFolder, 'nx/workspace-data'),
};
