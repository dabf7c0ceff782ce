import { parseArgs } from 'node:util';
import { countOf, lastLineOf, runLogged, type LongRun } from './long-run.ts';

const spec = 'src/engine/timers-under-load.int.spec.ts';

/** The test of the timers under load that `npm test` runs for seconds, for a minute. */
export const overload: LongRun = {
  summary: 'timers of sagas under a minute of more messages than they can handle (--seconds)',
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { seconds: { type: 'string', default: '60' } },
    });
    const seconds = countOf('--seconds', values.seconds);
    const { passed, output } = await runLogged(
      'env',
      [
        `MILLRACE_TEST_OVERLOAD_S=${seconds}`,
        'node',
        'tools/ci/jest.ts',
        'libs/saga',
        'jest.int.config.mjs',
        spec,
      ],
      'tmp/verify/overload.log',
    );
    process.stdout.write(`${passed ? `${seconds} s: every timer in time` : lastLineOf(output)}\n`);
    return passed;
  },
};
