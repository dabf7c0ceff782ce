import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';
import { measures } from './measures.ts';

export interface BrokerBenchOptions {
  /** Every measure is taken so often on each engine, in turns. */
  readonly rounds: number;
  /** Of one run of a client, about. */
  readonly seconds: number;
  /** After so long no further round begins. */
  readonly limitSeconds: number;
  /** Parts of the names of measures; empty: all. */
  readonly only: readonly string[];
  /** Few and short runs, and an exit code: CI's gate at a third of each target. */
  readonly quick: boolean;
  /** Into docs/reports/broker-bench.md and docs/reports/plots. */
  readonly write: boolean;
}

export const brokerUsage = `npm run bench -- broker [--rounds 3] [--seconds 1.5] [--limit 450] [--only produce,consume] [--quick] [--write]
  --rounds, --seconds  every measure so often on each engine, in turns, about so long each
  --limit              seconds; no further round begins after them
  --only               measures whose name has one of these in it
  --quick              one short round of the main measures; fails where a ratio misses a third of its target
  --write              writes the numbers into docs/reports/broker-bench.md and the plots into docs/reports/plots
  A measure that misses a ratio is run once more under V8's profiler, unless --quick.
  The native client is librdkafka's rdkafka_performance: the first run fetches its source from npm and builds it with gcc and make, about a
  minute, into $MILLRACE_CACHE or ~/.cache/millrace. Apache Kafka comes from Maven Central (tools/install/kafka.ts).`;

/** Throws with the option's name. */
export function brokerBenchOptions(values: readonly string[]): BrokerBenchOptions {
  const { values: given } = parseArgs({
    args: [...values],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      limit: { type: 'string', default: '450' },
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick, write } = given;
  if (quick && write) throw new Error('--quick measures nothing worth keeping: leave out --write');
  if (write && given.only !== '') throw new Error('--only measures a part: leave out --write');
  return {
    rounds: positive('rounds', given.rounds ?? (quick ? '1' : '3'), 20),
    seconds: positiveSeconds(given.seconds ?? (quick ? '0.5' : '1.5')),
    limitSeconds: positive('limit', given.limit, 3_600),
    only: partsOf(given.only),
    quick,
    write,
  };
}

function partsOf(only: string): readonly string[] {
  const parts = only.split(',').filter((part) => part !== '');
  const unknown = parts.find((part) => !measures.some(({ name }) => name.includes(part)));
  if (unknown === undefined) return parts;
  throw new Error(
    `--only ${unknown} is in the name of no measure; there are ${measures.map(({ name }) => `"${name}"`).join(', ')}`,
  );
}

function positiveSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 60)) throw new Error(`--seconds is a number up to 60, not "${text}"`);
  return seconds;
}
