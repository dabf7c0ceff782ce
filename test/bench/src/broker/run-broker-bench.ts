import { execFile } from 'node:child_process';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mkdtemp, rm } from 'node:fs/promises';
import { startBroker } from '@millrace/streaming-core/broker';
import { spreadOf } from '../numbers.ts';
import { machine, say, today, verdictTable, writePage, writePlots } from '../report.ts';
import { kafkaSubjects, ourSubjects, startKafka, startOurs, type Engine } from './engines.ts';
import { provideNativeClient } from './native-client.ts';
import { NativeClient } from './native-run.ts';
import type { BrokerBenchOptions } from './options.ts';
import { plotsOf } from './plots.ts';
import { profileMisses } from './profile-misses.ts';
import { memoryOf } from './process-usage.ts';
import { numbers, shownVerdicts, type MemoryFact, type Report, type RunFacts } from './report.ts';
import type { Results } from './results.ts';
import { takeRounds } from './rounds.ts';
import { judged, limits, ratioTargets, withinLimit, type Verdict } from './targets.ts';

const workspace = join(import.meta.dirname, '../../../..');
const idleAfterMs = 1_000;

/**
 * Measures our built broker and Apache Kafka, each in its own process, with the same native client
 * and run by run in turns.
 */
export async function runBrokerBench(options: BrokerBenchOptions): Promise<void> {
  const facts = factsOf(options);
  const client = new NativeClient(await provideNativeClient(say));
  say('building our broker');
  await promisify(execFile)(process.execPath, [join(workspace, 'tools/build/bundle.ts'), 'apps/broker']);
  const engines: Engine[] = [];
  const stopAll = () => Promise.all(engines.splice(0).map((engine) => engine.stop()));
  const interrupted = () => void stopAll().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    await measureAll(options, { client, engines, facts });
  } finally {
    await stopAll();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

interface Setting {
  readonly client: NativeClient;
  /** The engines that are running, for the caller to stop. */
  readonly engines: Engine[];
  readonly facts: RunFacts;
}

async function measureAll(options: BrokerBenchOptions, { client, engines, facts }: Setting): Promise<void> {
  say('starting Apache Kafka and our broker, with and without fsync');
  const kafka = await startKafka({ timed: !options.quick });
  engines.push(kafka);
  const synced = await startOurs('commit');
  engines.push(synced);
  const plain = await startOurs('none');
  engines.push(plain);
  await pause(idleAfterMs);
  const idle = engines.map(({ pid }) => memoryOf(pid).residentMb);
  const starts = await measureStarts(options.quick ? 2 : 7);
  const subjects = [...ourSubjects(plain, 'none'), ...ourSubjects(synced, 'commit'), ...kafkaSubjects(kafka)];
  const results = await takeRounds(options, { client, subjects, say });
  const memory = (['Apache Kafka', 'ours, fsync', 'ours'] as const).map((engine, index): MemoryFact => {
    const { pid, startMs } = engines[index] as Engine;
    return { engine, startMs, idleMb: idle[index] ?? NaN, peakMb: memoryOf(pid).peakMb };
  });
  const verdicts = verdictsOf(results, starts, memory);
  const profiles = options.quick
    ? []
    : await profileMisses(verdicts, { client, seconds: options.seconds, say });
  await conclude(options, { results, memory, facts, verdicts, profiles });
}

function verdictsOf(results: Results, starts: StartTimes, memory: readonly MemoryFact[]): readonly Verdict[] {
  const ratios = ratioTargets
    .map((target) => judged(target, results))
    .filter((verdict) => verdict !== undefined);
  const handler = results.spread('one record at 400/s, acks=all', 'ours', 'handlerP50Ms');
  const ours = memory.filter(({ engine }) => engine.startsWith('ours'));
  return [
    ...ratios,
    ...(handler === undefined ? [] : [withinLimit(limits.handlerP50, handler)]),
    withinLimit(limits.startBroker, spreadOf(starts.startBroker)),
    withinLimit(limits.startCommand, spreadOf(starts.startCommand)),
    withinLimit(limits.memory, spreadOf(ours.map(({ peakMb }) => peakMb))),
  ];
}

function factsOf({ rounds, seconds, only, quick, write }: BrokerBenchOptions): RunFacts {
  const given = [
    quick ? '--quick' : `--rounds ${rounds} --seconds ${seconds}`,
    only.length > 0 && `--only ${only.join(',')}`,
    write && '--write',
  ];
  const command = ['npm run bench -- broker', ...given.filter((part) => part !== false)].join(' ');
  const runsOnIt = 'our broker, Apache Kafka 4.3.1 and the client';
  return {
    machine: machine(runsOnIt),
    date: today(),
    command,
    rounds,
    seconds,
    loadBefore: loadavg()[0] ?? NaN,
  };
}

async function conclude(options: BrokerBenchOptions, report: Report): Promise<void> {
  say(`\n${numbers(report)}`);
  if (options.write) {
    const plots = await writePlots(plotsOf(report.results));
    await writePage('broker-bench', `${numbers(report)}\n\n${plots}`, 'broker');
  }
  const failed = report.verdicts.filter(({ passed }) => !passed);
  if (!options.quick || failed.length === 0) return;
  say(`\nmissed even a third of the target:\n${verdictTable(shownVerdicts(failed))}`);
  process.exitCode = 1;
}

interface StartTimes {
  /** The ms of each call on an empty folder. The first call runs cold code. */
  readonly startBroker: readonly number[];
  /** The ms from each start of the built command to its first answer. */
  readonly startCommand: readonly number[];
}

async function measureStarts(times: number): Promise<StartTimes> {
  const inProcess: number[] = [];
  const commands: number[] = [];
  for (let time = 0; time < times; time += 1) {
    inProcess.push(await timedStartBroker());
    const engine = await startOurs('none');
    commands.push(engine.startMs);
    await engine.stop();
  }
  return { startBroker: inProcess, startCommand: commands };
}

async function timedStartBroker(): Promise<number> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const begun = performance.now();
  const broker = await startBroker({ dataFolder, port: 0 });
  const ms = performance.now() - begun;
  await broker.close();
  await rm(dataFolder, { recursive: true, force: true });
  return ms;
}
