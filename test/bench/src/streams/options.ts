import { benchOptions } from '../options.ts';
import { workloads, type Workload } from './workloads.ts';

const brokerNames = ['ours', 'kafka'] as const;
export type BrokerName = (typeof brokerNames)[number];
export type StreamsBenchOptions = ReturnType<typeof streamsBenchOptions>;

export const streamsUsage = `npm run bench -- streams [--rounds 3] [--records 1000000] [--only word-count,restore] [--on ours] [--quick] [--write]
  --rounds   how often to run every topology with Kafka Streams and with @millrace/streams, in turns
  --records  the words, records or changes of 100 bytes that a run processes
  --only     run these topologies: ${workloads.map(({ name }) => name).join(', ')}
  --on       the broker that both use: ours or kafka (Apache Kafka)
  --quick    one round with a tenth of the records; ratios of one short round are only hints
  --write    write the numbers to docs/reports/streams-bench.md
  Kafka Streams 4.3.1 with RocksDB runs with its defaults in a JVM of its own; it comes from Maven Central (tools/install/kafka.ts).`;

/** Throws an error that names the option. */
export function streamsBenchOptions(values: readonly string[]) {
  const quick = values.includes('--quick');
  const sizes = { rounds: quick ? 1 : 3, records: quick ? 100_000 : 1_000_000 };
  const given = benchOptions(
    values,
    { ...sizes, only: '', on: 'ours', quick: false, write: false },
    { rounds: 20, records: 10_000_000 },
  );
  const on = brokerNames.find((each) => each === given.on);
  if (on === undefined) throw new Error(`--on must be ${brokerNames.join(' or ')}, not "${given.on}"`);
  return { ...given, on, only: workloadsOf(given.only) };
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
