import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface EventstoreBenchOptions {
  /** The number of events of the long stream. */
  readonly events: number;
  /** The number of events between two snapshots. */
  readonly everyEvents: number;
  /** The number of decisions with snapshots, and the same number without. */
  readonly decisions: number;
  /** How long each way to append is measured in a round, for each number of writers and events. */
  readonly seconds: number;
  readonly rounds: number;
  /** The number of messages that wait in the outbox when the relay starts. */
  readonly messages: number;
  /** The rate at which messages are committed to measure when their handler is called. */
  readonly perSecond: number;
  /** A folder with Emmett's packages, for its rows. */
  readonly emmett?: string;
  /** The program pgbench, for its rows. */
  readonly pgbench?: string;
  /** Whether to write to docs/reports/eventstore-bench.md. */
  readonly write: boolean;
}

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

/** Throws an error that names the option. */
export function eventstoreBenchOptions(values: readonly string[]): EventstoreBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      events: { type: 'string', default: '400000' },
      every: { type: 'string', default: '1000' },
      decisions: { type: 'string', default: '5000' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      messages: { type: 'string', default: '100000' },
      rate: { type: 'string', default: '200' },
      emmett: { type: 'string' },
      pgbench: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    events: positive('events', given.events, 10_000_000),
    everyEvents: positive('every', given.every, 1_000_000),
    decisions: positive('decisions', given.decisions, 1_000_000),
    seconds: positive('seconds', given.seconds, 600),
    rounds: positive('rounds', given.rounds, 100),
    messages: positive('messages', given.messages, 10_000_000),
    perSecond: positive('rate', given.rate, 10_000),
    emmett: given.emmett,
    pgbench: given.pgbench,
    write: given.write,
  };
}
