import { writeVerified } from '../ci/verified.ts';
import { commit, lastLineOf, runLogged, type LongRun } from './long-run.ts';

/** The benches with a quick form that fails: the others only measure. */
const benches = ['scale', 'broker'];

/** Runs the quick forms of the benches, which judge the broker by a third of its targets. */
export const benchesRun: LongRun = {
  summary: `the quick runs of bench ${benches.join(' and bench ')}; records when they passed`,
  async main(args) {
    if (args.length > 0) throw new Error(`benches has no option ${args.join(' ')}`);
    const onCommit = commit();
    let allPassed = true;
    for (const bench of benches) {
      const command = ['run', '--silent', 'bench', '--', bench, '--quick'];
      const { passed, minutes, output } = await runLogged('npm', command, `tmp/verify/bench-${bench}.log`);
      process.stdout.write(passed ? `ok     bench ${bench}: ${lastLineOf(output)}\n` : output);
      const finishedAt = new Date().toISOString();
      const result = { target: `verify:bench-${bench}`, succeeded: true, minutes, finishedAt };
      if (passed) writeVerified([result], onCommit);
      else allPassed = false;
    }
    return allPassed;
  },
};
