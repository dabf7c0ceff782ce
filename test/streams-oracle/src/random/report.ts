import { scriptSeed, type OracleReport } from '../compare-with-java.ts';
import type { JavaOracle } from '../java-oracle.ts';
import { inWords } from '../report.ts';
import { randomScript } from '../scripts/random-script.ts';
import { fewestCalls, programInWords } from './failing-program.ts';
import type { ProgramCase } from './random-topologies.ts';

const shrunkMax = 5;

/** The report, with the calls of the first topologies that differ, and as few of them as still differ. */
export async function randomInWords(
  java: JavaOracle,
  report: OracleReport,
  cases: readonly ProgramCase[],
): Promise<string> {
  const scripts = new Map(report.findings.map(({ topology, script }) => [topology, script]));
  const unequal = cases.filter(
    ({ name }) => scripts.has(name) || report.descriptions.some(({ topology }) => topology === name),
  );
  const lines: string[] = [];
  for (const each of unequal.slice(0, shrunkMax)) {
    const script = scripts.get(each.name) ?? cases.indexOf(each);
    const steps = randomScript(scriptSeed(report.seed, script), each.inputs);
    lines.push(
      `${each.name} of seed ${report.seed} makes the calls`,
      ...programInWords(each.program),
      '  and still differs with',
      ...programInWords(await fewestCalls(java, each, steps)),
    );
  }
  return [...lines, inWords(report)].join('\n');
}
