import { join } from 'node:path';
import { workspace } from '../workspace.ts';

/** How Jest is started here: straight from source, with ES modules. */
export const jestCommand = {
  program: join(workspace, 'node_modules/jest/bin/jest.js'),
  environment: { NODE_OPTIONS: '--experimental-vm-modules --conditions=@millrace/source --no-warnings' },
} as const;
