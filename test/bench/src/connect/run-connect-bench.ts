import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOurs } from '../broker/engines.ts';
import { spreadOf } from '../numbers.ts';
import { benchOptions } from '../options.ts';
import { command, grouped, machine, say, today, verdictTable, writePage } from '../report.ts';
import { measureParquet } from './parquet-speed.ts';
import { measureRegistry, type RegistrySpeed } from './registry-speed.ts';

export const connectUsage = `npm run bench -- connect [--schemas 10000] [--lookups 50000] [--rows 1000000] [--rounds 3] [--quick] [--write]
  measures the schema registry and the Parquet sink
  --schemas   the schemas that are registered, and with which the registry starts
  --lookups   the look-ups of each kind
  --rows      the rows that the sink writes in each round
  --rounds    how often the registry starts and the sink writes all rows
  --quick     checks within a minute that the bench works; do not use its numbers
  --write     write the numbers to docs/reports/connect-bench.md`;

export function connectBenchOptions(values: readonly string[]) {
  const defaults = {
    schemas: 10_000,
    lookups: 50_000,
    rows: 1_000_000,
    rounds: 3,
    quick: false,
    write: false,
  };
  const largest = { schemas: 20_000, lookups: 10_000_000, rows: 100_000_000, rounds: 100 };
  const options = benchOptions(values, defaults, largest);
  return options.quick ? { ...options, schemas: 100, lookups: 1_000, rows: 200_000, rounds: 1 } : options;
}
type ConnectBenchOptions = ReturnType<typeof connectBenchOptions>;

const lookUpsMin = 5_000;
const registerMsMax = 20;
const startMsMax = 200;
const rowsMin = 200_000;

/** Measures the registry and the sink as processes of their own, on a broker that flushes to disk. */
export async function runConnectBench(options: ConnectBenchOptions): Promise<void> {
  const load = loadavg()[0] ?? NaN;
  const build = join(import.meta.dirname, '../../../../tools/build/bundle.ts');
  await promisify(execFile)(process.execPath, [build, 'apps/broker']);
  const broker = await startOurs('commit');
  try {
    const bootstrapServers = `127.0.0.1:${broker.port}`;
    const { schemas, lookups: lookUps, rounds, rows } = options;
    const registry = await measureRegistry(bootstrapServers, { schemas, lookUps, rounds });
    say(JSON.stringify(registry));
    const rowsPerSecond = await measureParquet(bootstrapServers, { rows, rounds });
    say(`rows/s: ${rowsPerSecond.map(grouped).join(', ')}`);
    const runs = `${machine('broker, registry, worker and this client')}. ${today()}, load ${load.toFixed(2)} before the run`;
    const page = renderPage(registry, rowsPerSecond, options, `${runs}. \`${command()}\` printed this.`);
    say(`\n${page}`);
    if (options.write) await writePage('connect-bench', page);
  } finally {
    await broker.stop();
  }
}

function renderPage(
  { registeredP99Ms, lookUps, startMs, startEmptyMs }: RegistrySpeed,
  rowsPerSecond: readonly number[],
  { schemas, rows }: ConnectBenchOptions,
  facts: string,
): string {
  const written = spreadOf(rowsPerSecond);
  return [
    '# The schema registry and the Parquet sink',
    `${facts} All of them share the machine, so the client costs the registry a part of its speed.`,
    verdictTable([
      ...lookUps.map(({ path, perSecond, p99Ms }) => ({
        what: `\`GET ${path}\`, look-ups/s`,
        target: `>= ${grouped(lookUpsMin)}`,
        measured: `${grouped(perSecond)}; p99 ${p99Ms} ms`,
        met: perSecond >= lookUpsMin,
      })),
      {
        what: 'register a schema, p99',
        target: `< ${registerMsMax} ms`,
        measured: `${registeredP99Ms} ms`,
        met: registeredP99Ms < registerMsMax,
      },
      {
        what: `start with ${grouped(schemas)} schemas`,
        target: `< ${startMsMax} ms`,
        measured: `${startMs} ms`,
        met: startMs < startMsMax,
      },
      {
        what: 'Parquet sink, rows/s',
        target: `>= ${grouped(rowsMin)}`,
        measured: `${grouped(written.median)} (${grouped(written.min)} to ${grouped(written.max)})`,
        met: written.median >= rowsMin,
      },
    ]),
    `The registry is asked over HTTP on 8 connections, each with one request at a time, and ` +
      'without its limits: one address may ask 2,000 times a second unless `HTTP_CLIENT_RATE_PER_SECOND` allows more. ' +
      `It registers ${grouped(schemas)} ` +
      'Avro schemas in as many subjects, the last of them one at a time to measure that; each is flushed to disk. The start ' +
      'is the time from the start of the process to its first answer; a process without any schema takes ' +
      `${startEmptyMs} ms. The sink reads JSON without ` +
      `schemas, ${grouped(rows)} rows of about 150 bytes from one partition, and writes files of 100,000 rows with Snappy. ` +
      'Its rate runs from its first file to its last. Starts and rates are medians of the rounds.',
  ].join('\n\n');
}
