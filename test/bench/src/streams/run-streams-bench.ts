import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startKafka, startOurs, type Engine } from '../broker/engines.ts';
import { machine, say, today, verdictTable, writePage } from '../report.ts';
import type { BrokerName, StreamsBenchOptions } from './options.ts';
import {
  heapMegabytesMax,
  javaCommands,
  ourCommands,
  ourFlags,
  peerNames,
  type CommandOf,
  type PeerName,
} from './peers.ts';
import { tableOf, verdictsOf, type Measured } from './report.ts';
import { StreamsRuns, type WorkloadRun } from './run-workload.ts';
import { commitIntervalMs, keysMax, partitions } from './workloads.ts';

const workspace = join(import.meta.dirname, '../../../..');
const host = '127.0.0.1';

/** Measures Kafka Streams and @millrace/streams in turns, each in a process of its own, on one broker. */
export async function runStreamsBench(options: StreamsBenchOptions): Promise<void> {
  const loadBefore = loadavg()[0] ?? NaN;
  const commands = { 'Kafka Streams': await javaCommands(say), ours: await ourCommands() };
  const broker = await startBroker(options.on);
  const runs = new StreamsRuns(`${host}:${broker.port}`, options.records);
  const stop = () => runs.close().finally(() => broker.stop());
  const interrupted = () => void stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    say('writing the inputs');
    await runs.prepare(options.only);
    const measured = await measure(runs, commands, options);
    await conclude(options, measured, loadBefore);
  } finally {
    await stop();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

async function startBroker(name: BrokerName): Promise<Engine> {
  say(`starting ${name === 'ours' ? 'our broker' : 'Apache Kafka'}`);
  if (name === 'kafka') return startKafka({ timed: false });
  await promisify(execFile)(process.execPath, [join(workspace, 'tools/build/bundle.ts'), 'apps/broker']);
  return startOurs('none');
}

async function measure(
  runs: StreamsRuns,
  commands: Readonly<Record<PeerName, CommandOf>>,
  { rounds, only }: StreamsBenchOptions,
): Promise<readonly Measured[]> {
  const found = new Map<string, WorkloadRun[]>();
  for (let round = 1; round <= rounds; round += 1)
    for (const workload of only)
      for (const peer of peerNames) {
        const run = await runs.run(workload, commands[peer]);
        const name = `${workload.name} ${peer}`;
        found.set(name, [...(found.get(name) ?? []), run]);
        const perSecond = Math.round((run.records / run.workMs) * 1_000);
        say(`round ${round}: ${workload.title}, ${peer}: ${perSecond}/s, started in ${run.startMs} ms`);
      }
  const runsOf = (name: string, peer: PeerName) => found.get(`${name} ${peer}`) ?? [];
  return only.map((workload) => ({
    workload,
    runs: {
      'Kafka Streams': runsOf(workload.name, 'Kafka Streams'),
      ours: runsOf(workload.name, 'ours'),
    },
  }));
}

async function conclude(
  { rounds, records, on, write }: StreamsBenchOptions,
  measured: readonly Measured[],
  loadBefore: number,
): Promise<void> {
  const runsOnIt = `${on === 'ours' ? 'our broker' : 'Apache Kafka 4.3.1'} and one application at a time`;
  const text = [
    '# Streams beside Kafka Streams',
    `${machine(runsOnIt)}. ${today()}, load ${loadBefore.toFixed(2)} before ` +
      `the run. \`npm run bench -- streams --rounds ${rounds} --records ${records} --on ${on}\` printed this. ` +
      'Median (least to most).',
    verdictTable(verdictsOf(measured)),
    tableOf(measured),
    `The same topologies in Kafka Streams 4.3.1, with RocksDB, and in @millrace/streams, with SQLite. Both have ` +
      `their defaults, but commit every ${commitIntervalMs} ms with either guarantee. The input has ` +
      `${partitions} partitions and ${keysMax.toLocaleString('en-US')} keys, and records of 100 bytes. A word ` +
      'counts as a record; a join counts the records of both sides. The rate begins when every task runs, and ' +
      'ends when a reader with read_committed sees the complete output, which is checked. A restore has as many ' +
      'keys as records, and its rate begins when the state is asked for. CPU is that of the whole process, with ' +
      `its start. The JVM has its defaults with -Xmx${heapMegabytesMax}m, and Node.js \`${ourFlags.join(' ')}\`.`,
  ].join('\n\n');
  say(`\n${text}`);
  if (write) await writePage('streams-bench', text);
}
