import { readResults } from '../ci/results.ts';
import { writeVerified } from '../ci/verified.ts';
import { commit, lastLineOf, runLogged } from './long-run.ts';

/** Runs a target in every project that has it, one after the other, and records its tests if all passed. */
export async function recordedTarget(target: string): Promise<boolean> {
  const onCommit = commit();
  const command = ['nx', 'run-many', `--targets=${target}`, '--parallel=1'];
  const { passed, output } = await runLogged('npx', command, `tmp/verify/${target}.log`);
  process.stdout.write(passed ? `${lastLineOf(output)}\n` : output);
  if (passed)
    writeVerified(
      readResults().filter((result) => result.target.endsWith(`:${target}`)),
      onCommit,
    );
  return passed;
}
