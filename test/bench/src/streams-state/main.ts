/**
 * Does `npm run verify -- streams-state`. Prints the report as one line of JSON and progress on
 * standard error, and exits with 1 if there is a problem.
 */

import { parseArgs } from 'node:util';
import { measureState, type StateMeasured, type StateStart } from './measure-state.ts';

/** How much more memory a start may take with the most keys than with the fewest. */
const memoryGrowthMbMax = 64;
/** The marker of the last transaction in each changelog. */
const markersMax = 4;
/** A transaction of 8 MiB that was not committed to the files, and the markers of the last ones. */
const tailRecordsMax = 100_000;

/** Returns what breaks the promises, one line each. */
function problemsOf(measured: readonly StateMeasured[]): readonly string[] {
  const each = measured.flatMap(({ keys, starts }) => starts.map((start) => ({ keys, start })));
  return [
    ...each.filter(({ start }) => start.wrong.length > 0 || start.lookups === 0).map(wrongLookups),
    ...each.filter(({ start }) => start.restored > limitOf(start)).map(restoredTooMuch),
    ...growing(measured),
  ];
}

interface Start {
  readonly keys: number;
  readonly start: StateStart;
}

const limitOf = ({ name }: StateStart): number => {
  if (name === 'after kill -9') return tailRecordsMax;
  return name === 'without files' ? Infinity : markersMax;
};

const wrongLookups = ({ keys, start }: Start) =>
  `${keys} keys, ${start.name}: of ${start.lookups} lookups these are wrong: ${start.wrong.join(', ')}`;

const restoredTooMuch = ({ keys, start }: Start) =>
  `${keys} keys, ${start.name}: ${start.restored} records were restored, and ${limitOf(start)} may be`;

function growing(measured: readonly StateMeasured[]): readonly string[] {
  const [fewest, ...others] = measured.toSorted((one, other) => one.keys - other.keys);
  return others.flatMap(({ keys, starts }) =>
    starts.flatMap(({ name, peakMb }) => {
      const before = fewest?.starts.find((start) => start.name === name)?.peakMb ?? NaN;
      return peakMb - before <= memoryGrowthMbMax
        ? []
        : [
            `${name}: ${Math.round(peakMb)} MB with ${keys} keys, ${Math.round(before)} MB with ${fewest?.keys}`,
          ];
    }),
  );
}

const { values } = parseArgs({ options: { keys: { type: 'string', default: '500000,5000000' } } });
if (!/^[1-9]\d*(,[1-9]\d*)*$/.test(values.keys))
  throw new Error(`--keys must be whole numbers with commas between them, not ${values.keys}`);
const measured: StateMeasured[] = [];
for (const keys of values.keys.split(',').map(Number))
  measured.push(await measureState(keys, (line) => void process.stderr.write(`${line}\n`)));
const problems = problemsOf(measured);
process.stdout.write(`${JSON.stringify({ form: 'streams-state', measured, problems })}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
