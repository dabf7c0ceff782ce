import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface StreamsBenchOptions {
  /** Events of the long stream. */
  readonly events: number;
  /** A snapshot after so many. */
  readonly everyEvents: number;
  /** Decisions with snapshots, and as many without. */
  readonly decisions: number;
}

export const streamsUsage = `npm run bench -- streams [--events 400000] [--every 1000] [--decisions 5000]
  --events             events of one stream, which is loaded by a process that keeps nothing, without and with a snapshot
  --every              a snapshot after so many events
  --decisions          decisions on that stream with snapshots and without, in turns`;

/** Throws with the option's name. */
export function streamsBenchOptions(values: readonly string[]): StreamsBenchOptions {
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
