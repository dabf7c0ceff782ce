/**
 * `npm run verify [-- NAME... [OPTIONS]]` does all long runs or the named ones. Each writes its
 * results to a page under `docs/`.
 */
import { avro } from './avro.ts';
import { benchesRun } from './benches.ts';
import { brokerCrashes, crash, fuzz } from './broker-faults.ts';
import { cdcKills } from './cdc-kills.ts';
import { chaos } from './chaos.ts';
import { chart } from './chart.ts';
import { chartRuns } from './chart-runs.ts';
import { conformance } from './conformance.ts';
import { contracts } from './contracts.ts';
import { console } from './console.ts';
import { debezium } from './debezium.ts';
import { differential } from './differential.ts';
import { flinkCep } from './flink-cep.ts';
import { forking } from './forking.ts';
import { guarantees } from './guarantees.ts';
import type { LongRun } from './long-run.ts';
import { inputs } from './inputs.ts';
import { kafka } from './kafka.ts';
import { logs } from './logs.ts';
import { mariadb } from './mariadb.ts';
import { mutantsRun } from './mutants.ts';
import { opensearch } from './opensearch.ts';
import { outages } from './outages.ts';
import { outboxByCdc } from './outbox-by-cdc.ts';
import { overload } from './overload.ts';
import { partitions } from './partitions.ts';
import { queue } from './queue.ts';
import { redis } from './redis.ts';
import { replication } from './replication.ts';
import { simulation } from './simulation.ts';
import { soak } from './soak.ts';
import { streamsOracle } from './streams-oracle.ts';
import { streamsState } from './streams-state.ts';
import { streamsSimulation } from './streams-simulation.ts';
import { tieredStorage } from './tiered-storage.ts';
import { upgrade } from './upgrade.ts';

const runs: Readonly<Record<string, LongRun>> = {
  conformance,
  contracts,
  differential,
  'streams-oracle': streamsOracle,
  'flink-cep': flinkCep,
  avro,
  'streams-state': streamsState,
  'streams-simulation': streamsSimulation,
  simulation,
  crash,
  'broker-crashes': brokerCrashes,
  fuzz,
  forking,
  guarantees,
  inputs,
  kafka,
  logs,
  mariadb,
  opensearch,
  mutants: mutantsRun,
  upgrade,
  outages,
  overload,
  partitions,
  queue,
  redis,
  replication,
  'tiered-storage': tieredStorage,
  chaos,
  'cdc-kills': cdcKills,
  'outbox-by-cdc': outboxByCdc,
  debezium,
  chart,
  'chart-runs': chartRuns,
  console,
  benches: benchesRun,
  soak,
};

const usage = (): string =>
  [
    'npm run verify                           every run below in order; takes hours',
    'npm run verify -- NAME [OPTIONS]         one of them',
    'npm run verify -- NAME NAME...           several of them, with their default options',
    ...Object.entries(runs).map(([name, { summary }]) => `  ${name.padEnd(14)} ${summary}`),
  ].join('\n');

interface Wanted {
  readonly names: readonly string[];
  readonly options: readonly string[];
}

/**
 * Parses the names, and the options if there is only one name. Throws one line for anything else.
 */
function wanted(args: readonly string[]): Wanted {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const names = firstOption < 0 ? args : args.slice(0, firstOption);
  const options = firstOption < 0 ? [] : args.slice(firstOption);
  const unknown = names.find((name) => !Object.hasOwn(runs, name));
  if (unknown !== undefined) throw new Error(`there is no run ${unknown}`);
  if (options.length > 0 && names.length !== 1)
    throw new Error(`${options[0]} is an option of a single run: name only that run, before the option`);
  return { names: names.length === 0 ? Object.keys(runs) : names, options };
}

async function passes(name: string, options: readonly string[]): Promise<boolean> {
  try {
    return (await runs[name]?.main(options)) === true;
  } catch (error) {
    process.stderr.write(`verify: ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

/** Runs them in order. A failed run does not stop the rest. */
async function runAll({ names, options }: Wanted): Promise<boolean> {
  const lines: string[] = [];
  let failed = 0;
  for (const [index, name] of names.entries()) {
    if (names.length > 1) process.stdout.write(`\n=== ${name} (${index + 1} of ${names.length})\n`);
    const startedAt = performance.now();
    const passed = await passes(name, options);
    if (!passed) failed += 1;
    lines.push(
      `${passed ? 'ok    ' : 'FAILED'} ` +
        `${((performance.now() - startedAt) / 60_000).toFixed(2).padStart(6)} min  ${name}`,
    );
  }
  if (names.length > 1)
    process.stdout.write(`\n${lines.join('\n')}\n${names.length - failed} passed, ${failed} failed\n`);
  return failed === 0;
}

const args = process.argv.slice(2);
if (args[0] === '--help') process.stdout.write(`${usage()}\n`);
else
  try {
    process.exitCode = (await runAll(wanted(args))) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`verify: ${error instanceof Error ? error.message : String(error)}\n${usage()}\n`);
    process.exitCode = 2;
  }
