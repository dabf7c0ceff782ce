import { runLogged, type LongRun } from './long-run.ts';

/** Compares the messages of `libs/contracts` with those of the last release. CI does the same. */
export const contracts: LongRun = {
  summary: 'the messages of libs/contracts against those of the last release; --record after a release',
  async main(args) {
    if (args.some((arg) => arg !== '--record')) throw new Error(`contracts has no option ${args.join(' ')}`);
    const program = ['tools/run.mjs', 'test/schema-oracle/src/contracts/main.ts', ...args];
    const { passed, output } = await runLogged('node', program, 'tmp/verify/contracts.log');
    process.stdout.write(output);
    return passed;
  },
};
