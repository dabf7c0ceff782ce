/**
 * Does `npm run verify -- partitions`. Prints the report as one line of JSON and progress on standard
 * error, and exits with 1 if there is a problem.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { measurePartitions, recordsToRead, type PartitionsMeasured } from './measure-partitions.ts';

const { values } = parseArgs({
  options: {
    counts: { type: 'string', default: '1,10,100,1000' },
    records: { type: 'string', default: '200000' },
  },
});
if (!/^[1-9]\d*(,[1-9]\d*)*$/.test(values.counts))
  throw new Error(`--counts must be whole numbers with commas between them, not ${values.counts}`);
const records = Number(values.records);
const build = join(import.meta.dirname, '../../../../tools/build/bundle.ts');
await promisify(execFile)(process.execPath, [build, 'apps/broker']);
const measured: PartitionsMeasured[] = [];
for (const count of values.counts.split(',').map(Number)) {
  const figures = await measurePartitions(count, records);
  measured.push(figures);
  process.stderr.write(`${JSON.stringify(figures)}\n`);
}
const problems = measured
  .filter(({ read }) => read !== recordsToRead(records))
  .map(({ partitions, read }) => `${partitions} partitions: ${read} of ${recordsToRead(records)} were read`);
process.stdout.write(`${JSON.stringify({ form: 'partitions', measured, problems })}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
