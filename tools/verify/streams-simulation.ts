import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { runLogged, valuesOf, type LongRun } from './long-run.ts';

const runsByDefault = '20000';
const test = [
  'tools/ci/jest.ts',
  'libs/streams',
  'jest.config.mjs',
  'src/runtime/simulation/simulation.spec.ts',
];

/** Runs a simulated application over a simulated broker, far more often than the unit tests do. */
export const streamsSimulation: LongRun = {
  summary:
    `[--runs ${runsByDefault}]: a stream application in random simulations of crashes, rebalances and ` +
    'failed requests; prints the seed of a failure, which MILLRACE_TEST_SEED repeats',
  async main(args) {
    const { runs } = valuesOf(args, { runs: runsByDefault });
    const logFile = join(workspace, 'tmp/streams-simulation.log');
    const command = [`MILLRACE_TEST_SIMULATIONS=${runs}`, process.execPath, ...test];
    const { passed, output } = await runLogged('env', command, logFile);
    process.stdout.write(passed ? `${runs} runs\n` : output);
    return passed;
  },
};
