/**
 * Does `npm run verify -- tiered-storage`. Prints the report as one line of JSON, and exits with 1 if
 * there is a problem.
 */
import { parseArgs } from 'node:util';
import { readOldSegments } from './read-old-segments.ts';

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '100' } } });
const figures = await readOldSegments(Number(values.megabytes));
process.stdout.write(`${JSON.stringify({ run: 'tiered-storage', ...figures })}\n`);
process.exitCode = figures.problems.length === 0 ? 0 : 1;
