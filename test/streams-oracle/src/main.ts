/**
 * Plays the scripts of a seed with Kafka Streams in Java and with `@millrace/streams`, on the named
 * topologies and on random ones. `--topology NAME` plays only scripts of this topology, and `--only N`
 * prints every step of one script.
 */
import { parseArgs } from 'node:util';
import { compareWithJava, type Played } from './compare-with-java.ts';
import { JavaOracle } from './java-oracle.ts';
import { programInWords } from './random/failing-program.ts';
import { isProgramCase, randomTopologies, randomTopologyNamed } from './random/random-topologies.ts';
import { randomInWords } from './random/report.ts';
import { inWords, playedInWords, withRandom } from './report.ts';
import { allCases } from './topologies/all-cases.ts';
import type { TopologyCase } from './topologies/topology-case.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    scripts: { type: 'string', default: '200' },
    topologies: { type: 'string', default: '0' },
    topology: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const topologies = Number(values.topologies);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

const java = await JavaOracle.start((line) => process.stderr.write(`${line}\n`));
try {
  const named = await compareWithJava(java, {
    seed,
    scripts: values.only === undefined ? upTo(Number(values.scripts)) : [Number(values.only)],
    cases: casesNamed(values.topology),
    onPlayed: values.only === undefined ? undefined : print,
  });
  process.stdout.write(`${inWords(named)}\n`);
  const cases = randomTopologies(seed, topologies);
  const random = await compareWithJava(java, { seed, scripts: upTo(cases.length), cases });
  if (cases.length > 0) process.stdout.write(`${await randomInWords(java, random, cases)}\n`);
  const report = withRandom(named, random);
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.findings.length + report.descriptions.length === 0 ? 0 : 1;
} finally {
  await java.stop();
}

function casesNamed(name: string | undefined): readonly TopologyCase[] {
  if (name === undefined) return allCases;
  const found = allCases.find((each) => each.name === name) ?? randomTopologyNamed(name, seed);
  if (found === undefined)
    throw new Error(
      `there is no topology ${name}: ${allCases.map((each) => each.name).join(', ')}, random-N`,
    );
  if (isProgramCase(found)) process.stdout.write(`${programInWords(found.program).join('\n')}\n`);
  return [found];
}

function print(played: Played): void {
  process.stdout.write(`${playedInWords(played)}\n`);
}
