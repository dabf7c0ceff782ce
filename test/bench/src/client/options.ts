import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface ClientBenchOptions {
  /** How often every workload is run with each client on each engine, in turns. */
  readonly rounds: number;
  /** Records of a run that produces or consumes 100 bytes each. A tenth as many have 1,000 bytes. */
  readonly records: number;
  /** Records of a run that sends one at a time. */
  readonly single: number;
  /** Whether to write to docs/reports/client-bench.md. */
  readonly write: boolean;
}

export const clientUsage = `npm run bench -- client [--rounds 3] [--records 400000] [--single 3000] [--write]
  --rounds   how often to run every workload with each client, in turns
  --records  the records of 100 bytes that a run produces or consumes; runs of 1,000 bytes have a quarter
  --single   the records that a run sends one after the other
  --write    write the numbers to docs/reports/client-bench.md
  Our client, @platformatic/kafka and kafkajs run in processes of their own, beside librdkafka's
  rdkafka_performance, on our broker and on Apache Kafka.`;

/** Throws an error that names the option. */
export function clientBenchOptions(values: readonly string[]): ClientBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      rounds: { type: 'string', default: '3' },
      records: { type: 'string', default: '400000' },
      single: { type: 'string', default: '3000' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: positive('rounds', given.rounds, 20),
    records: positive('records', given.records, 5_000_000),
    single: positive('single', given.single, 100_000),
    write: given.write,
  };
}
