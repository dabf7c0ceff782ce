import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { runLogged, type LongRun } from './long-run.ts';

/** Runs every foreign client on both engines. The run writes the page itself. */
export const conformance: LongRun = {
  summary:
    'foreign clients on the embedded broker and on Apache Kafka, with their own suites: half an hour; ' +
    'writes docs/reports/conformance.md',
  async main(args) {
    const command = ['run', '--silent', 'conformance', '--', '--write', ...args];
    const { passed, output } = await runLogged('npm', command, join(workspace, 'tmp/conformance.log'));
    process.stdout.write(output);
    return passed;
  },
};
