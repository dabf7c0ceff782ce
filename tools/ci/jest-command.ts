import { join } from 'node:path';
import { workspace } from '../workspace.ts';

/** The program and environment that run Jest from source. */
export const jestCommand = {
  program: join(workspace, 'node_modules/jest/bin/jest.js'),
  environment: {
    NODE_OPTIONS: '--conditions=@millrace/source --no-warnings',
  },
} as const;
