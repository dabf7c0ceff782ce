import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { OracleReport } from '../../test/streams-oracle/src/compare-with-java.ts';
import { workspace } from '../workspace.ts';
import { commit, countOf, runLogged, seedOf, writePage, type LongRun } from './long-run.ts';

const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/streams-oracle/src/main.ts',
  '--json',
];
const scriptsByDefault = '2000';
const topologiesByDefault = '500';
const seedByDefault = '1';

/** Plays the same scripts with Kafka Streams in Java and with `@millrace/streams`. */
export const streamsOracle: LongRun = {
  summary:
    `[--scripts ${scriptsByDefault}] [--topologies ${topologiesByDefault}] [--seed ${seedByDefault}]: the same ` +
    'random scripts on the same named and random topologies in Kafka Streams and in @millrace/streams; writes docs/reports/streams-oracle.md',
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        scripts: { type: 'string', default: scriptsByDefault },
        topologies: { type: 'string', default: topologiesByDefault },
        seed: { type: 'string', default: seedByDefault },
      },
    });
    const options = [
      '--scripts',
      String(countOf('--scripts', values.scripts)),
      '--topologies',
      String(countOf('--topologies', values.topologies)),
      '--seed',
      String(seedOf('--seed', values.seed)),
    ];
    const startedAt = new Date();
    const onCommit = commit();
    const logFile = join(workspace, 'tmp/streams-oracle.log');
    const { passed, output } = await runLogged('node', [...program, ...options], logFile);
    const [words, report] = reportIn(output);
    process.stdout.write(`${words}\n`);
    if (report === undefined) throw new Error(`the run printed no report: see ${logFile}`);
    writePage(pageOf(report, args), startedAt, onCommit);
    return passed;
  },
};

function reportIn(output: string): readonly [string, OracleReport | undefined] {
  const lines = output.split('\n');
  const at = lines.findLastIndex((line) => line.startsWith('{"seed":'));
  return at < 0
    ? [output, undefined]
    : [lines.slice(0, at).join('\n').trimEnd(), JSON.parse(lines[at]!) as OracleReport];
}

function pageOf({ seed, scripts, cases, descriptions, findings }: OracleReport, args: readonly string[]) {
  const records = cases.reduce((sum, each) => sum + each.records, 0);
  return {
    path: 'docs/reports/streams-oracle.md',
    title: 'Side by side with Kafka Streams',
    command: ['npm run verify -- streams-oracle', ...args].join(' '),
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
      `seed ${seed}: ${scripts} scripts, ${records} records compared on ${cases.length} topologies, ` +
        `${findings.length} scripts differ`,
    ],
  };
}
