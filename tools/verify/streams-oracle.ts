import type { OracleReport } from '../../test/streams-oracle/src/compare-with-java.ts';
import { reportedRun } from './long-run.ts';

/** Plays the same scripts with Kafka Streams in Java and with `@millrace/streams`. */
export const streamsOracle = reportedRun<OracleReport>({
  name: 'streams-oracle',
  summary:
    'the same random scripts on the same named and random topologies in Kafka Streams and in @millrace/streams',
  options: { scripts: '2000', topologies: '500', seed: '1' },
  program: ['test/streams-oracle/src/main.ts', '--json'],
  page: ({ seed, scripts, cases, descriptions, findings }) => ({
    title: 'Side by side with Kafka Streams',
    about:
      'Random scripts of records and clock advances, generated from a seed, are played on the same named ' +
      'and random topologies with Kafka Streams 4.3.1 in Java and with @millrace/streams, both under their ' +
      'TopologyTestDriver. The text of each topology is compared, and after every step each record of ' +
      'every output, changelog and repartition topic (key, value, headers and time) and the number of ' +
      'dropped records. The records of Java are counted below. Any difference fails the run.',
    columns: ['topology', 'scripts', 'steps', 'records', 'dropped', 'errors', 'scripts that differ'],
    rows: cases.map((each) => [
      each.topology,
      each.scripts,
      each.steps,
      each.records,
      each.dropped,
      each.errors,
      each.differences,
    ]),
    closing: [
      ...descriptions.map(({ topology }) => `${topology} is described differently`),
      ...findings.map(
        ({ topology, script, step, place }) =>
          `${topology}: script ${script}, step ${step}, ${place} differs`,
      ),
      `seed ${seed}: ${scripts} scripts, ${cases.reduce((sum, each) => sum + each.records, 0)} records compared on ${cases.length} topologies, ` +
        `${findings.length} scripts differ`,
    ],
  }),
});
