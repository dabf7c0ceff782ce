/**
 * Does `npm run verify -- logs`. Prints the report as one line of JSON and progress on standard error,
 * and exits with 1 if there is a problem.
 */

import { parseArgs } from 'node:util';
import { logsProblems } from './logs-problems.ts';
import { measureLogs } from './measure-logs.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '60' },
    held: { type: 'string', default: '20000' },
  },
});
const load = { perSecond: Number(values.rate), seconds: Number(values.seconds), heldAt: Number(values.held) };
const measured = await measureLogs(load, (line) => void process.stderr.write(`${line}\n`));
const problems = logsProblems(measured);
process.stdout.write(`${JSON.stringify({ form: 'logs', measured, problems })}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
