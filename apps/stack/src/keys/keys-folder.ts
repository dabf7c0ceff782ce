import { join } from 'node:path';

/** Returns the folder of the stack's own cluster of keys. */
export const keysFolder = (dataFolder: string): string => join(dataFolder, 'keys');
