/**
 * `node tools/ci/jest.ts PROJECT_FOLDER CONFIG [JEST OPTIONS]` runs every Nx target that has tests.
 */
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { jestCommand } from './jest-command.ts';
import { runRecorded } from './record.ts';

const [project = '', config = '', ...options] = process.argv.slice(2);
process.exitCode = await runRecorded({
  command: process.execPath,
  arguments: [jestCommand.program, '--passWithNoTests', '--config', config, ...options],
  folder: join(workspace, project),
  countsTests: true,
  environment: jestCommand.environment,
});
