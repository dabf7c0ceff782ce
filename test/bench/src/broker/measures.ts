import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { percentile } from '../numbers.ts';
import { cpuTimeMs } from '../saga/cpu-time.ts';
import type { BenchTopics } from './bench-topics.ts';
import type { NativeClient, ProduceRun } from './native-run.ts';
import { readyPageCache } from './page-cache.ts';
import { addressOf, subjectNames, type Subject, type SubjectName } from './subjects.ts';

/** The result of one run of one measure on one engine, by metric. */
export type Sample = Readonly<Partial<Record<Metric, number>>>;
export type Metric = 'perSecond' | 'cpuUs' | 'p50Ms' | 'p99Ms' | 'handlerP50Ms' | 'handlerP99Ms';

export interface RunTools {
  readonly client: NativeClient;
  readonly topics: BenchTopics;
  /** The approximate length of one run. */
  readonly seconds: number;
  /**
   * The rate that an earlier run of the measure reached on this engine. It determines how many
   * records a run takes.
   */
  readonly perSecondBefore: number | undefined;
  /**
   * The names of what the measure has created for this engine and needs again in the next round.
   */
  readonly kept: Map<string, string>;
}

export interface Measure {
  readonly name: string;
  readonly subjects: readonly SubjectName[];
  /** Whether the measure is part of `--quick`. */
  readonly main: boolean;
  run(subject: Subject, tools: RunTools): Promise<Sample>;
}

const plain = ['ours', 'kafka'] as const;
const pipelined = { 'batch.num.messages': 1, 'linger.ms': 0, 'max.in.flight.requests.per.connection': 64 };
const latencyPerSecond = 400;
const manyConnections = 64;

const produceMeasure = (
  name: string,
  run: Omit<ProduceRun, 'topic' | 'records'>,
  {
    subjects = subjectNames as readonly SubjectName[],
    main = false,
    firstRecords = 200_000,
    partitions = 1,
  } = {},
): Measure => ({
  name,
  subjects,
  main,
  run: (subject, tools) =>
    tools.topics.within(partitions, async (topic) => {
      const records = recordsFor(tools, firstRecords);
      await readyPageCache(records * run.recordBytes);
      return withCpu(
        subject,
        records,
        async () => (await tools.client.produce(subject, { ...run, topic, records })).perSecond,
      );
    }),
});

/** Fills the topic once and reads it in every round. */
const consumeMeasure = (name: string, recordBytes: number, recordsPerSecond: number): Measure => ({
  name,
  subjects: plain,
  main: true,
  async run(subject, { client, topics, seconds, kept }) {
    const records = Math.ceil(recordsPerSecond * seconds);
    const topic = kept.get('topic') ?? (await topics.create(1));
    if (!kept.has('topic')) await client.produce(subject, { topic, records, recordBytes, acks: 1 });
    kept.set('topic', topic);
    return withCpu(
      subject,
      records,
      async () => (await client.consume(subject, { topic, records })).perSecond,
    );
  },
});

const latencyMeasure: Measure = {
  name: `one record at ${latencyPerSecond}/s, acks=all`,
  subjects: subjectNames,
  main: true,
  run: (subject, { client, topics, seconds }) =>
    topics.within(1, async (topic) => {
      const records = Math.ceil(latencyPerSecond * Math.max(1, 2 * seconds));
      const { ackMs, handlerMs } = await client.latencies(subject, {
        topic,
        records,
        perSecond: latencyPerSecond,
      });
      const [acks, handled] = [ackMs, handlerMs].map((all) => all.toSorted((one, other) => one - other));
      return {
        p50Ms: percentile(acks ?? [], 0.5),
        p99Ms: percentile(acks ?? [], 0.99),
        handlerP50Ms: percentile(handled ?? [], 0.5),
        handlerP99Ms: percentile(handled ?? [], 0.99),
      };
    }),
};

const connectionsMeasure: Measure = {
  name: `one-record requests, ${manyConnections} connections`,
  subjects: subjectNames,
  main: true,
  run: (subject, { topics, seconds }) =>
    topics.within(1, async (topic) => {
      const before = cpuTimeMs(subject.pid) ?? NaN;
      const { requests, seconds: taken } = await runManyConnections(subject, topic, seconds);
      return {
        perSecond: requests / taken,
        cpuUs: (((cpuTimeMs(subject.pid) ?? NaN) - before) * 1_000) / requests,
      };
    }),
};

/** The measures in the order in which they are run. */
export const measures: readonly Measure[] = [
  produceMeasure('produce 100 B, acks=all', { recordBytes: 100, acks: -1 }, { main: true }),
  produceMeasure('produce 100 B in batches of 16 KB', {
    recordBytes: 100,
    acks: -1,
    settings: { 'batch.size': 16_384 },
  }),
  produceMeasure('produce 1 KB, acks=all', { recordBytes: 1_024, acks: -1 }, { firstRecords: 50_000 }),
  produceMeasure('produce 100 B, acks=1', { recordBytes: 100, acks: 1 }, { subjects: plain }),
  produceMeasure(
    'produce 1 KB, acks=1',
    { recordBytes: 1_024, acks: 1 },
    { subjects: plain, firstRecords: 50_000 },
  ),
  consumeMeasure('consume 100 B', 100, 1_500_000),
  consumeMeasure('consume 1 KB', 1_024, 300_000),
  produceMeasure(
    'one-record requests, 64 pipelined',
    { recordBytes: 100, acks: -1, settings: pipelined },
    { main: true, firstRecords: 3_000 },
  ),
  connectionsMeasure,
  latencyMeasure,
  ...[10, 100, 1_000].map((partitions) =>
    produceMeasure(
      `produce 100 B, ${partitions} partitions`,
      { recordBytes: 100, acks: -1, partitions: 'all', settings: { 'sticky.partitioning.linger.ms': 0 } },
      { partitions, subjects: ['ours', 'ours, fsync', 'kafka'], firstRecords: 100_000 },
    ),
  ),
];

const recordsFor = ({ perSecondBefore, seconds }: RunTools, firstRecords: number): number =>
  Math.max(firstRecords, Math.ceil((perSecondBefore ?? 0) * seconds));

/** Measures the broker's CPU time over the run, including the client's start and end. */
async function withCpu(subject: Subject, records: number, work: () => Promise<number>): Promise<Sample> {
  const before = cpuTimeMs(subject.pid) ?? NaN;
  const perSecond = await work();
  return { perSecond, cpuUs: (((cpuTimeMs(subject.pid) ?? NaN) - before) * 1_000) / records };
}

async function runManyConnections(
  subject: Subject,
  topic: string,
  seconds: number,
): Promise<{ readonly requests: number; readonly seconds: number }> {
  const [host = '', port = ''] = addressOf(subject).split(':');
  const options = { host, port, topic, connections: manyConnections, seconds };
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = join(import.meta.dirname, 'many-connections.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program, ...given], {
    timeout: 30_000,
  });
  return JSON.parse(stdout) as { readonly requests: number; readonly seconds: number };
}
