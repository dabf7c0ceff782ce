import { homedir } from 'node:os';
import { join } from 'node:path';

/** Returns the folder in which clones share the programs that the benches have built. */
export const cacheFolder = (): string => process.env.MILLRACE_CACHE || join(homedir(), '.cache/millrace');
