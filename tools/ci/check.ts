/**
 * `node tools/ci/check.ts COMMAND [ARGUMENTS]` runs every Nx target whose result is only an exit
 * code.
 */
import { workspace } from '../workspace.ts';
import { runRecorded } from './record.ts';

const [command = '', ...args] = process.argv.slice(2);
process.exitCode = await runRecorded({ command, arguments: args, folder: workspace, countsTests: false });
