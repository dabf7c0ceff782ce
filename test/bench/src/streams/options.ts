import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';
import { workloads, type Workload } from './workloads.ts';

export const brokerNames = ['ours', 'kafka'] as const;
export type BrokerName = (typeof brokerNames)[number];

export interface StreamsBenchOptions {
  /** How often every workload is run with each side, in turns. */
  readonly rounds: number;
  /** The words, records or changes that a run processes. */
  readonly records: number;
  readonly only: readonly Workload[];
  /** The broker that both sides use. */
  readonly on: BrokerName;
  /** Whether to run ours once more under V8's profiler. */
  readonly profile: boolean;
  /** Whether to write to docs/reports/streams-bench.md. */
  readonly write: boolean;
}

export const streamsUsage = `npm run bench -- streams [--rounds 3] [--records 1000000] [--only word-count,restore] [--on ours] [--quick] [--profile] [--write]
  --rounds   how often to run every topology with Kafka Streams and with @millrace/streams, in turns
  --records  the words, records or changes of 100 bytes that a run processes
  --only     run these topologies: ${workloads.map(({ name }) => name).join(', ')}
  --on       the broker that both use: ours or kafka (Apache Kafka)
  --quick    one round with a tenth of the records; ratios of one short round are only hints
  --profile  run ours once more under V8's profiler, and print where the time goes
  --write    write the numbers to docs/reports/streams-bench.md
  Kafka Streams 4.3.1 with RocksDB runs with its defaults in a JVM of its own; it comes from Maven Central (tools/install/kafka.ts).`;

const quickRecords = 100_000;

/** Throws an error that names the option. */
export function streamsBenchOptions(values: readonly string[]): StreamsBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      rounds: { type: 'string' },
      records: { type: 'string' },
      only: { type: 'string', default: '' },
      on: { type: 'string', default: 'ours' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick, profile, write } = given;
  if (quick && write) throw new Error('--quick measures nothing worth keeping: leave out --write');
  if (write && given.only !== '')
    throw new Error('--only runs some of the topologies, and --write needs all: leave out one of the two');
  return {
    rounds: positive('rounds', given.rounds ?? (quick ? '1' : '3'), 20),
    records: positive('records', given.records ?? String(quick ? quickRecords : 1_000_000), 10_000_000),
    only: workloadsOf(given.only),
    on: brokerOf(given.on),
    profile,
    write,
  };
}

function workloadsOf(only: string): readonly Workload[] {
  const names = only.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !workloads.some((workload) => workload.name === name));
  if (unknown !== undefined)
    throw new Error(
      `--only ${unknown} is no topology; give some of ${workloads.map(({ name }) => name).join(', ')}`,
    );
  return names.length === 0 ? workloads : workloads.filter(({ name }) => names.includes(name));
}

function brokerOf(text: string): BrokerName {
  const name = brokerNames.find((each) => each === text);
  if (name === undefined) throw new Error(`--on must be ${brokerNames.join(' or ')}, not "${text}"`);
  return name;
}
