/**
 * Does `npm run verify -- queue`. Prints the report as one line of JSON and progress on standard error,
 * and exits with 1 if there is a problem.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { startOurs } from '../broker/engines.ts';
import { logTasks } from './log-tasks.ts';
import { measureQueue } from './measure-queue.ts';
import { queueProblems, taskLoad } from './queue-problems.ts';
import { startRabbitmq } from './rabbitmq-server.ts';
import { rabbitmqTasks } from './rabbitmq-tasks.ts';

const prefetches = [1, 100];

const { values } = parseArgs({ options: { tasks: { type: 'string', default: '100000' } } });
const load = { ...taskLoad, tasks: Number(values.tasks) };
const say = (line: string) => void process.stderr.write(`${line}\n`);

const build = join(import.meta.dirname, '../../../../tools/build/bundle.ts');
await promisify(execFile)(process.execPath, [build, 'apps/broker']);
await using parts = new AsyncDisposableStack();
const broker = await startOurs('commit');
parts.defer(() => broker.stop());
const log = await measureQueue(() => logTasks(`127.0.0.1:${broker.port}`), load, say);
const { url } = parts.use(await startRabbitmq());
const queues = [];
for (const prefetch of prefetches)
  queues.push(await measureQueue(() => rabbitmqTasks(url, prefetch), load, say));
const problems = queueProblems(load, log, queues);
process.stdout.write(`${JSON.stringify({ form: 'queue', measured: [log, ...queues], problems })}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
