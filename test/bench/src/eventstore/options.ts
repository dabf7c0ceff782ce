import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface EventstoreBenchOptions {
  /** The number of events of the long stream. */
  readonly events: number;
  /** The number of events between two snapshots. */
  readonly everyEvents: number;
  /** The number of decisions with snapshots, and the same number without. */
  readonly decisions: number;
}

export const eventstoreUsage = `npm run bench -- eventstore [--events 400000] [--every 1000] [--decisions 5000]
  --events             the events of one stream, which a process without a cache loads without and with a snapshot
  --every              the number of events between two snapshots
  --decisions          the decisions on that stream with and without snapshots, in turns`;

/** Throws an error that names the option. */
export function eventstoreBenchOptions(values: readonly string[]): EventstoreBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      events: { type: 'string', default: '400000' },
      every: { type: 'string', default: '1000' },
      decisions: { type: 'string', default: '5000' },
    },
  });
  return {
    events: positive('events', given.events, 10_000_000),
    everyEvents: positive('every', given.every, 1_000_000),
    decisions: positive('decisions', given.decisions, 1_000_000),
  };
}
