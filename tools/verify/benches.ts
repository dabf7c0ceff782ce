import { writeVerified } from '../ci/verified.ts';
import { commit, lastLineOf, runLogged, type LongRun } from './long-run.ts';

/** Runs the quick form of the bench of the broker, which judges it by a third of its targets. The others only measure. */
export const benchesRun: LongRun = {
  summary: 'the quick run of bench broker; records when it passed',
  async main(args) {
    if (args.length > 0) throw new Error(`benches has no option ${args.join(' ')}`);
    const onCommit = commit();
    const command = ['run', '--silent', 'bench', '--', 'broker', '--quick'];
    const { passed, minutes, output } = await runLogged('npm', command, 'tmp/verify/bench-broker.log');
    process.stdout.write(passed ? `ok     bench broker: ${lastLineOf(output)}\n` : output);
    const finishedAt = new Date().toISOString();
    const result = { target: 'verify:bench-broker', succeeded: true, minutes, finishedAt };
    if (passed) writeVerified([result], onCommit);
    return passed;
  },
};
