import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is fetched or has been proven once on this machine, outside every checkout. */
export const cacheFolder = process.env.MILLRACE_CACHE ?? join(homedir(), '.cache/millrace');

/**
 * Makes Nx keep its results, and the index that finds them, outside the checkout: a fresh clone replays what has
 * passed on this machine for exactly the same inputs. Nx looks up the index in the workspace's data folder, so the
 * cache folder alone would miss.
 */
export const sharedNxCache: Readonly<Record<string, string>> = {
  NX_CACHE_DIRECTORY: join(cacheFolder, 'nx/cache'),
  NX_WORKSPACE_DATA_DIRECTORY: join(cacheFolder, 'nx/workspace-data'),
};
