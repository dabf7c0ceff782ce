import { lastLineOf, runLogged, valuesOf, type LongRun } from './long-run.ts';

const spec = 'src/engine/timers-under-load.int.spec.ts';

/** Runs the test of timers under load for a minute; `npm test` runs it for seconds. */
export const overload: LongRun = {
  summary: '[--seconds 60]: timers of sagas that get more messages than they can handle for a minute',
  async main(args) {
    const { seconds } = valuesOf(args, { seconds: '60' });
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
