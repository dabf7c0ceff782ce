import { benchOptions } from '../options.ts';
import { measures, type Measure } from './measures.ts';

export type BrokerBenchOptions = ReturnType<typeof brokerBenchOptions>;

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
export function brokerBenchOptions(values: readonly string[]) {
  const seconds = values.includes('--quick') ? 0.5 : 1.5;
  const given = benchOptions(
    values,
    { rounds: 3, seconds, limit: 450, only: '', quick: false, write: false },
    { rounds: 20, seconds: 60, limit: 86_400 },
  );
  const only = given.only.split(',').filter((part) => part !== '');
  const unknown = only.find((part) => !measures.some(({ name }) => name.includes(part)));
  if (unknown === undefined) return { ...given, only };
  throw new Error(
    `--only ${unknown} matches no measure; the measures are ${measures.map(({ name }) => `"${name}"`).join(', ')}`,
  );
}

export const wantedMeasures = ({
  quick,
  only,
}: Pick<BrokerBenchOptions, 'quick' | 'only'>): readonly Measure[] =>
  measures.filter(
    ({ name, main }) => (main || !quick) && (only.length === 0 || only.some((part) => name.includes(part))),
  );
