import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';

export interface StreamsBenchOptions {
  /** Events of the long stream. */
  readonly events: number;
  /** A snapshot after so many. */
  readonly everyEvents: number;
  /** Decisions in each round, one after the other. */
  readonly decisions: number;
  readonly rounds: number;
}

export const streamsUsage = `npm run bench -- streams [--events 400000] [--every 1000] [--decisions 2000] [--rounds 5]
  --events             events of one stream, which is loaded by a process that keeps nothing, without and with a snapshot
  --every              a snapshot after so many events
  --decisions, --rounds  decisions on that stream with snapshots and without, in turns`;

/** Throws with the option's name. */
export function streamsBenchOptions(values: readonly string[]): StreamsBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      events: { type: 'string', default: '400000' },
      every: { type: 'string', default: '1000' },
      decisions: { type: 'string', default: '2000' },
      rounds: { type: 'string', default: '5' },
    },
  });
  return {
    events: positive('events', given.events, 10_000_000),
    everyEvents: positive('every', given.every, 1_000_000),
    decisions: positive('decisions', given.decisions, 1_000_000),
    rounds: positive('rounds', given.rounds, 100),
  };
}
