import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectConsumer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { BenchTopics } from '../broker/bench-topics.ts';
import { kafkaSubjects, ourSubjects, startKafka, startOurs, type Engine } from '../broker/engines.ts';
import { provideNativeClient } from '../broker/native-client.ts';
import { addressOf, type Subject } from '../broker/subjects.ts';
import { benchOptions } from '../options.ts';
import { machine, say, today, writePage } from '../report.ts';
import { behind, distances, tableOf, titleOf, type Measured } from './report.ts';
import { clientNames, runClient, type ClientName } from './run-client.ts';
import type { Workload } from './workload.ts';

const workspace = join(import.meta.dirname, '../../../..');

export const clientUsage = `npm run bench -- client [--rounds 3] [--records 400000] [--single 3000] [--write]
  --rounds   how often to run every workload with each client, in turns
  --records  the records of 100 bytes that a run produces or consumes; runs of 1,000 bytes have a quarter
  --single   the records that a run sends one after the other
  --write    write the numbers to docs/reports/client-bench.md
  Our client, @platformatic/kafka and kafkajs run in processes of their own, beside librdkafka's
  rdkafka_performance, on our broker and on Apache Kafka.`;

export const clientBenchOptions = (values: readonly string[]) =>
  benchOptions(
    values,
    { rounds: 3, records: 400_000, single: 3_000, write: false },
    { rounds: 20, records: 10_000_000, single: 1_000_000 },
  );
type ClientBenchOptions = ReturnType<typeof clientBenchOptions>;

const small = 100;
const large = 1_000;

/** The workloads by topic. A consume run reads what the produce run before it has written. */
const workloadsOf = ({ records, single }: ClientBenchOptions): ReadonlyArray<readonly Workload[]> => [
  [
    { kind: 'produce', records, recordBytes: small },
    { kind: 'consume', records, recordBytes: small },
  ],
  [
    { kind: 'produce', records: Math.ceil(records / 4), recordBytes: large },
    { kind: 'consume', records: Math.ceil(records / 4), recordBytes: large },
  ],
  [{ kind: 'single', records: single, recordBytes: small }],
];

/**
 * Measures clients in turns, each in a process of its own, on our built broker and on Apache Kafka.
 */
export async function runClientBench(options: ClientBenchOptions): Promise<void> {
  const loadBefore = loadavg()[0] ?? NaN;
  const nativeClient = await provideNativeClient(say);
  await promisify(execFile)(process.execPath, [join(workspace, 'tools/build/bundle.ts'), 'apps/broker']);
  const engines: Engine[] = [];
  const stopAll = () => Promise.all(engines.splice(0).map((engine) => engine.stop()));
  const interrupted = () => void stopAll().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    say('starting Apache Kafka and our broker');
    const kafka = await startKafka({ timed: false });
    engines.push(kafka);
    const broker = await startOurs('none');
    engines.push(broker);
    const subjects = [ourSubjects(broker, 'none')[0], kafkaSubjects(kafka)[0]].filter(
      (one) => one !== undefined,
    );
    for (const subject of subjects) await joinOnce(subject);
    const measured = await measure(subjects, options, nativeClient);
    await conclude(options, measured, loadBefore);
  } finally {
    await stopAll();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

/** Joins a group, so that no run measures how Apache Kafka creates the topic of its groups. */
const joinOnce = (subject: Subject): Promise<void> =>
  new BenchTopics(subject).within(1, async (topic) => {
    const bootstrapServers = [addressOf(subject)];
    const options = { bootstrapServers, clientId: 'bench', logger: silentLogger };
    await using consumer = connectConsumer({ ...options, groupId: 'bench', topics: [topic] });
    await consumer.start();
  });

async function measure(
  subjects: readonly Subject[],
  options: ClientBenchOptions,
  nativeClient: string,
): Promise<readonly Measured[]> {
  const measured = new Map<string, Measured>();
  for (let round = 1; round <= options.rounds; round += 1)
    for (const subject of subjects)
      for (const client of turns(round))
        for (const workloads of workloadsOf(options))
          await new BenchTopics(subject).within(1, async (topic) => {
            for (const workload of workloads) {
              const place = { bootstrapServer: addressOf(subject), topic };
              const run = await runClient(client, place, workload, nativeClient);
              const name = `${subject.name}, ${client}, ${titleOf(workload)}`;
              const before = measured.get(name)?.runs ?? [];
              measured.set(name, { engine: subject.name, client, workload, runs: [...before, run] });
              say(`round ${round}: ${name}: ${Math.round((run.records / run.elapsedMs) * 1_000)}/s`);
            }
          });
  return [...measured.values()];
}

/** Another client begins in each round, because a young JVM serves the first one more slowly. */
const turns = (round: number): readonly ClientName[] => {
  const first = (round - 1) % clientNames.length;
  return [...clientNames.slice(first), ...clientNames.slice(0, first)];
};

async function conclude(
  options: ClientBenchOptions,
  measured: readonly Measured[],
  loadBefore: number,
): Promise<void> {
  const engines = [...new Set(measured.map(({ engine }) => engine))];
  const rows = behind(measured);
  const text = [
    '# Clients side by side',
    `${machine('both brokers and one client at a time')}. ${today()}, load ` +
      `${loadBefore.toFixed(2)} before the run. \`npm run bench -- client --rounds ${options.rounds} ` +
      `--records ${options.records} --single ${options.single}\` wrote this page.`,
    'Every client writes with idempotence and acks=all to one partition, in calls of 500 records of which four are in ' +
      "flight; librdkafka batches by itself. Each cell is the median of the rounds. librdkafka's single records are sent " +
      'at 500/s without waiting for each other. The JavaScript clients consume as members of a group, and ' +
      'join it within the measured time; librdkafka reads its partition without a group.',
    ...engines.map((engine) => tableOf(engine, measured)),
    rows.length === 0
      ? 'No JavaScript client is ahead of ours in any row.'
      : `A JavaScript client is ahead of ours here:\n\n${listOf(rows)}`,
    `librdkafka, compared with ours:\n\n${listOf(distances(measured))}`,
  ].join('\n\n');
  say(`\n${text}`);
  if (options.write) await writePage('client-bench', text);
}

const listOf = (rows: readonly string[]): string => rows.map((row) => `- ${row}`).join('\n');
