/**
 * Plays the scripts of a seed with Kafka Streams in Java and with `@millrace/streams`. `--topology
 * NAME` plays only scripts of this topology, and `--only N` prints every step of one script.
 */
import { parseArgs } from 'node:util';
import { compareWithJava, type Played } from './compare-with-java.ts';
import { JavaOracle } from './java-oracle.ts';
import { inWords, playedInWords } from './report.ts';
import { allCases } from './topologies/all-cases.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    scripts: { type: 'string', default: '200' },
    topology: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const cases = allCases.filter(({ name }) => values.topology === undefined || name === values.topology);
if (cases.length === 0)
  throw new Error(`there is no topology ${values.topology}: ${allCases.map(({ name }) => name).join(', ')}`);
const scripts =
  values.only === undefined
    ? Array.from({ length: Number(values.scripts) }, (_, script) => script)
    : [Number(values.only)];

const java = await JavaOracle.start((line) => process.stderr.write(`${line}\n`));
try {
  const report = await compareWithJava(java, {
    seed: Number(values.seed),
    scripts,
    cases,
    onPlayed: values.only === undefined ? undefined : print,
  });
  process.stdout.write(`${inWords(report)}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.findings.length + report.descriptions.length === 0 ? 0 : 1;
} finally {
  await java.stop();
}

function print(played: Played): void {
  process.stdout.write(`${playedInWords(played)}\n`);
}
