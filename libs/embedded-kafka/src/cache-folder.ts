import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for what is fetched or compiled once: `$MILLRACE_CACHE`, or `~/.cache/millrace`. It is
 * outside the workspace, so that clones share it.
 */
export const cacheFolderByDefault = (): string =>
  process.env.MILLRACE_CACHE || join(homedir(), '.cache/millrace');
