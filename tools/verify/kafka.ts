import { parseArgs } from 'node:util';
import { readResults } from '../ci/results.ts';
import { writeVerified } from '../ci/verified.ts';
import { commit, runLogged, writePage, type LongRun } from './long-run.ts';

/**
 * Runs every suite that uses the log on Apache Kafka: the client facade with its kills, all stories
 * and all guides.
 */
export const kafka: LongRun = {
  summary: 'every suite that uses the log, on Apache Kafka; writes docs/reports/on-apache-kafka.md',
  async main(args) {
    parseArgs({ args: [...args], options: {} });
    const startedAt = new Date();
    const onCommit = commit();
    const { passed, output } = await runLogged(
      'npm',
      ['run', 'test:kafka'],
      'tmp/verify/on-apache-kafka.log',
    );
    const results = readResults();
    const onlyHere = results.filter(({ target }) => target.includes(':verify-'));
    if (passed) writeVerified(onlyHere, onCommit);
    const [closing = ''] = /^\d+ passed, \d+ failed$/m.exec(output) ?? [];
    writePage(
      {
        path: 'docs/reports/on-apache-kafka.md',
        title: 'On Apache Kafka',
        command: 'npm run verify -- kafka',
        about:
          'The suites that use the log run on one node of Apache Kafka instead of the embedded broker. ' +
          'CI runs the targets `test-on-kafka` and `test-kafka` at every commit. ' +
          'This run adds `verify-on-kafka` and `verify-kafka`; test/records/verified.json keeps their ' +
          'results for the check of the guarantees.',
        columns: ['target', 'passed', 'failed', 'minutes'],
        rows: results.map(({ target, passed: count = 0, failed = 0, minutes }) => [
          target,
          count,
          failed,
          minutes.toFixed(1),
        ]),
        closing: [closing],
      },
      startedAt,
      onCommit,
    );
    process.stdout.write(`${closing}\n`);
    return passed;
  },
};
