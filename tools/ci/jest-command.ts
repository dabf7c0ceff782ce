import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { cacheFolder } from './cache.ts';

/**
 * The program and environment that run Jest from source with ES modules. Programs that tests start
 * share the compiled code of their sources, which takes two thirds of a broker's start.
 */
export const jestCommand = {
  program: join(workspace, 'node_modules/jest/bin/jest.js'),
  environment: {
    NODE_OPTIONS: '--experimental-vm-modules --conditions=@millrace/source --no-warnings',
    NODE_COMPILE_CACHE: join(cacheFolder, 'bundles/compiled'),
  },
} as const;
