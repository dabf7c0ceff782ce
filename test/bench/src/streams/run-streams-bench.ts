import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { startKafka, startOurs, type Engine } from '../broker/engines.ts';
import { machine } from '../machine.ts';
import type { BrokerName, StreamsBenchOptions } from './options.ts';
import {
  heapMegabytesMax,
  javaCommands,
  ourCommands,
  ourFlags,
  peerNames,
  type CommandOf,
  type PeerName,
  profiledCommands,
} from './peers.ts';
import { tableOf, verdictsOf, verdictTable, type Measured } from './report.ts';
import { StreamsRuns, type WorkloadRun } from './run-workload.ts';
import { commitIntervalMs, keysMax, partitions, type Workload } from './workloads.ts';
import { summaryOf, type CpuProfile, type Frame, type ProfileSummary } from '../broker/cpu-profile.ts';
import { sourceOf } from '../client/profile-ours.ts';

const partsMax = 20;
const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** Runs the workload once more with ours under V8's profiler, and tells where the main thread was. */
async function profileOf(runs: StreamsRuns, workload: Workload): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-profile-'));
  try {
    await runs.run(workload, profiledCommands(folder));
    return inWords(workload, await summaryIn(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The longest profile: a restore starts a second process, which only finds its state. */
async function summaryIn(folder: string): Promise<ProfileSummary> {
  const files = await readdir(folder);
  const profiles = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile),
  );
  const [longest] = profiles.sort((one, other) => other.samples.length - one.samples.length);
  if (longest === undefined) throw new Error(`no profile was written to ${folder}`);
  return summaryOf(longest, { fromUs: 0, toUs: Infinity, partsMax, nameOf });
}

const nameOf = (frame: Frame): string => {
  const source = sourceOf(frame);
  return frame.url.startsWith('file:') ? `${frame.functionName || 'a function'} in ${source}` : source;
};

const inWords = ({ title }: Workload, { idleShare, parts }: ProfileSummary): string =>
  `${title}: idle for ${percent(idleShare)}; of the rest, ` +
  parts.map(({ name, share }) => `${percent(share)} ${name}`).join(', ');

const workspace = join(import.meta.dirname, '../../../..');
const page = join(workspace, 'docs/reports/streams-bench.md');
const host = '127.0.0.1';
const say = (line: string) => process.stdout.write(`${line}\n`);

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
    const profiles: string[] = [];
    if (options.profile) for (const workload of options.only) profiles.push(await profileOf(runs, workload));
    await conclude(options, { measured, profiles }, loadBefore);
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
  { measured, profiles }: { readonly measured: readonly Measured[]; readonly profiles: readonly string[] },
  loadBefore: number,
): Promise<void> {
  const runsOnIt = `${on === 'ours' ? 'our broker' : 'Apache Kafka 4.3.1'} and one application at a time`;
  const text = [
    '# Streams beside Kafka Streams',
    `${machine(runsOnIt)}. ${new Date().toISOString().slice(0, 10)}, load ${loadBefore.toFixed(2)} before ` +
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
    ...profiles.map((profile) => `Profile of our main thread. ${profile}.`),
  ].join('\n\n');
  say(`\n${text}`);
  if (!write) return;
  writeFileSync(page, await format(`${text}\n`, { ...(await resolveConfig(page)), filepath: page }));
  say('written: docs/reports/streams-bench.md');
}
