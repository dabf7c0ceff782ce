/**
 * Does `npm run verify -- streams-state`. Prints the report as one line of JSON and progress on
 * standard error, and exits with 1 if there is a problem.
 */
import { parseArgs } from 'node:util';
import { measureState, type StateMeasured } from './measure-state.ts';
import { problemsOf } from './state-limits.ts';

const { values } = parseArgs({ options: { keys: { type: 'string', default: '500000,5000000' } } });
const measured: StateMeasured[] = [];
for (const keys of values.keys.split(',').map(Number))
  measured.push(await measureState(keys, (line) => void process.stderr.write(`${line}\n`)));
const problems = problemsOf(measured);
process.stdout.write(`${JSON.stringify({ form: 'streams-state', measured, problems })}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
