import { parseArgs } from 'node:util';
import { positive } from '../numbers.ts';
import { measures } from './measures.ts';

export interface BrokerBenchOptions {
  /** How often every measure is run on each engine, in turns. */
  readonly rounds: number;
  /** The approximate length of one run of a client. */
  readonly seconds: number;
  /** No further round begins after this time. */
  readonly limitSeconds: number;
  /** Parts of the names of measures. Empty means all measures. */
  readonly only: readonly string[];
  /** Few and short runs with an exit code. This is CI's gate, at a third of each target. */
  readonly quick: boolean;
  /** Whether to write to docs/reports/broker-bench.md and docs/reports/plots. */
  readonly write: boolean;
}

export const brokerUsage = `npm run bench -- broker [--rounds 3] [--seconds 1.5] [--limit 450] [--only produce,consume] [--quick] [--write]
  --rounds, --seconds  how often to run every measure on each engine, in turns, and about how long
  --limit              the seconds after which no further round begins
  --only               run the measures whose name contains one of these
  --quick              run short rounds of the main measures; fail if the median of a ratio misses a third of its target
  --write              write the numbers to docs/reports/broker-bench.md and the plots to docs/reports/plots
  A measure that misses a ratio is run once more under V8's profiler, unless --quick.
  The native client is librdkafka's rdkafka_performance: the first run fetches its source from npm and builds it with gcc and make, about a
  minute, into $MILLRACE_CACHE or ~/.cache/millrace. Apache Kafka comes from Maven Central (tools/install/kafka.ts).`;

/** Throws an error that names the option. */
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
  if (write && given.only !== '')
    throw new Error('--only runs some of the measures, and --write needs all: leave out one of the two');
  return {
    rounds: positive('rounds', given.rounds ?? '3', 20),
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
    `--only ${unknown} matches no measure; the measures are ${measures.map(({ name }) => `"${name}"`).join(', ')}`,
  );
}

function positiveSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 60))
    throw new Error(`--seconds must be a number above 0 and up to 60, not "${text}"`);
  return seconds;
}
