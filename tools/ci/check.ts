/** `node tools/ci/check.ts COMMAND [ARGUMENTS]`: the command of every Nx target that passes by its exit code alone. */
import { workspace } from '../workspace.ts';
import { runRecorded } from './record.ts';

const [command = '', ...args] = process.argv.slice(2);
process.exitCode = await runRecorded({ command, arguments: args, folder: workspace, countsTests: false });
