/**
 * Captures the same statements with Debezium in Kafka's own Connect and with our worker, then measures
 * both in turns. Prints a report as one line of JSON, and exits with 1 if a record differs.
 */
import { parseArgs } from 'node:util';
import { debeziumVersion } from '../debezium-plugins.ts';
import { measureDelays, type ChangeDelay } from './change-delay.ts';
import { measureChanges, type ChangeSpeed } from './change-speed.ts';
import { leftOutFields, roundedFields, type LeftOutField } from './left-out-fields.ts';
import { memoryOf, type Memory } from '../memory.ts';
import { compareStatements, type Comparison } from './same-statements.ts';
import { measureSink, type SinkSpeed } from './sink-speed.ts';
import { openTwoSides, type TwoSides } from './two-sides.ts';

/** The memory of both sides. */
interface Memories {
  readonly millrace: Memory;
  readonly debezium: Memory;
}

/** What `npm run verify -- debezium` makes its page from. */
export interface DebeziumReport {
  readonly seed: number;
  readonly version: string;
  readonly comparison: Comparison;
  readonly leftOut: readonly LeftOutField[];
  readonly rounded: ReadonlyArray<{ readonly field: string; readonly why: string }>;
  readonly changes: readonly ChangeSpeed[];
  readonly delays: readonly ChangeDelay[];
  readonly sink: readonly SinkSpeed[];
  /** After the comparison, and after everything. */
  readonly atRest: Memories;
  readonly afterLoad: Memories;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    transactions: { type: 'string', default: '1000' },
    changes: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
  },
});
const seed = Number(values.seed);
const transactions = Number(values.transactions);
const changes = Number(values.changes);
const rounds = Number(values.rounds);
const say = (line: string) => void process.stderr.write(`${line}\n`);
const memories = ({ millrace, debezium }: TwoSides): Memories => ({
  millrace: memoryOf(millrace.pid),
  debezium: memoryOf(debezium.pid),
});

const sides = await openTwoSides({ print: say });
try {
  const comparison = await compareStatements(sides, { seed, transactions });
  for (const { topic, records, differences } of comparison.topics)
    say(`${topic}: ${records} records, ${differences.length} differences`);
  const atRest = memories(sides);
  const speeds = await measureChanges(sides, { changes, rounds });
  for (const { side, changesPerSecond } of speeds) say(`${side}: ${Math.round(changesPerSecond)} changes/s`);
  const delays = await measureDelays(sides, Number(values.seconds));
  for (const { side, p50Ms, p99Ms } of delays)
    say(`${side}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`);
  const sink = await measureSink(sides, { rows: changes, rounds });
  for (const { side, rowsPerSecond } of sink) say(`${side}: ${Math.round(rowsPerSecond)} rows/s`);
  const report: DebeziumReport = {
    seed,
    version: debeziumVersion(),
    comparison,
    leftOut: leftOutFields,
    rounded: roundedFields,
    changes: speeds,
    delays,
    sink,
    atRest,
    afterLoad: memories(sides),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = comparison.topics.every(({ differences }) => differences.length === 0) ? 0 : 1;
} finally {
  await sides[Symbol.asyncDispose]();
}
