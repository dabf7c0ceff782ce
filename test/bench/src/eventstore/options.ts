import { benchOptions } from '../options.ts';

export type EventstoreBenchOptions = ReturnType<typeof eventstoreBenchOptions>;

export const eventstoreUsage = `npm run bench -- eventstore [--events 400000] [--every 1000] [--decisions 5000]
                               [--seconds 3] [--rounds 3] [--messages 100000] [--rate 200]
                               [--emmett FOLDER] [--pgbench PROGRAM] [--write]
  --events             the events of one stream, which a process without a cache loads without and with a snapshot
  --every              the number of events between two snapshots
  --decisions          the decisions on that stream with and without snapshots, in turns
  --seconds            how long each way to append is measured, with 1, 16 and 64 writers, in each round
  --rounds             the rounds of appends, in which every way takes its turn
  --messages           the messages in the outbox when the relay starts
  --rate               the messages a second that are committed to measure the time until their handler is called
  --emmett             a folder where @event-driven-io/emmett-postgresql is installed, to measure it as well
  --pgbench            the program pgbench, to measure the same statement without a client's costs
  --write              write the numbers to docs/reports/eventstore-bench.md`;

/** `emmett` and `pgbench` are empty if they are left out. */
export const eventstoreBenchOptions = (values: readonly string[]) =>
  benchOptions(
    values,
    {
      events: 400_000,
      every: 1_000,
      decisions: 5_000,
      seconds: 3,
      rounds: 3,
      messages: 100_000,
      rate: 200,
      emmett: '',
      pgbench: '',
      write: false,
    },
    {
      events: 10_000_000,
      every: 1_000_000,
      decisions: 1_000_000,
      seconds: 600,
      rounds: 20,
      messages: 10_000_000,
      rate: 100_000,
    },
  );
