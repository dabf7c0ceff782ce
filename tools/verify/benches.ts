import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeVerified } from '../ci/verified.ts';
import { workspace } from '../workspace.ts';
import { commit, lastLineOf, runLogged, type LongRun } from './long-run.ts';

/** The benches with a quick form that fails: the others only measure. */
const benches = ['scale', 'broker'];

/** Runs the quick forms of the benches, which judge the broker by a third of its targets. */
export const benchesRun: LongRun = {
  summary: `the quick runs of bench ${benches.join(' and bench ')}; records when they passed`,
  async main(args) {
    parseArgs({ args: [...args], options: {} });
    const onCommit = commit();
    let allPassed = true;
    for (const bench of benches) {
      const command = ['run', '--silent', 'bench', '--', bench, '--quick'];
      const logFile = join(workspace, `tmp/verify/bench-${bench}.log`);
      const { passed, minutes, output } = await runLogged('npm', command, logFile);
      process.stdout.write(passed ? `ok     bench ${bench}: ${lastLineOf(output)}\n` : output);
      if (!passed) allPassed = false;
      else
        writeVerified(
          [
            {
              target: `verify:bench-${bench}`,
              succeeded: true,
              minutes,
              finishedAt: new Date().toISOString(),
            },
          ],
          onCommit,
        );
    }
    return allPassed;
  },
};
