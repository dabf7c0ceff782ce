import { differentLines } from './compare/description.ts';
import { inWords as recordInWords } from './compare/differences.ts';
import type { Outcome } from './compare/outcome.ts';
import type { CaseReport, Finding, OracleReport, Played } from './compare-with-java.ts';
import type { Step } from './scripts/script.ts';

const findingsShownMax = 2;

/** The command that plays one script again, step by step. */
const replayCommand = ({ topology, seed, script }: Finding): string =>
  `npm run program -- test/streams-oracle/src/main.ts --topology ${topology} --seed ${seed} --only ${script}`;

/** Says for each topology whether it is equal to Java's, and shows the first differences of those that are not. */
export function inWords({ seed, scripts, cases, descriptions, findings }: OracleReport): string {
  const unequal = cases.filter(({ differences, isDescribedAlike }) => differences > 0 || !isDescribedAlike);
  const lines = unequal.flatMap(({ topology, differences, scripts: played }) => [
    `${topology}: ${differences} of ${played} scripts differ`,
    ...descriptions.filter((each) => each.topology === topology).flatMap(differentLines),
    ...findings
      .filter((each) => each.topology === topology)
      .slice(0, findingsShownMax)
      .flatMap(findingLines),
  ]);
  const records = cases.reduce((sum, each) => sum + each.records, 0);
  return [
    ...lines,
    `seed ${seed}: ${scripts} scripts, ${records} records of Java compared, ` +
      `${cases.length - unequal.length} of ${cases.length} topologies equal`,
  ].join('\n');
}

/** Both reports as one, in which the random topologies are summed up. */
export function withRandom(named: OracleReport, random: OracleReport): OracleReport {
  if (random.cases.length === 0) return named;
  return {
    seed: named.seed,
    scripts: named.scripts + random.scripts,
    cases: [...named.cases, summed(random)],
    descriptions: [...named.descriptions, ...random.descriptions],
    findings: [...named.findings, ...random.findings],
  };
}

function summed({ cases, scripts, descriptions }: OracleReport): CaseReport {
  const total = (count: (each: CaseReport) => number) => cases.reduce((sum, each) => sum + count(each), 0);
  return {
    topology: `${cases.length / 2} random ones, each without a cache and with one`,
    isDescribedAlike: descriptions.length === 0,
    scripts,
    steps: total(({ steps }) => steps),
    records: total(({ records }) => records),
    dropped: total(({ dropped }) => dropped),
    errors: total(({ errors }) => errors),
    differences: total(({ differences }) => differences),
  };
}

const findingLines = (finding: Finding): readonly string[] => [
  `  script ${finding.script}, step ${finding.step}, ${finding.place}`,
  `    Java  ${finding.javas}`,
  `    ours  ${finding.ours}`,
  `    ${replayCommand(finding)}`,
];

/** Every step, with what both sides wrote. */
export const playedInWords = ({ steps, javas, ours }: Played): string =>
  steps
    .flatMap((step, index) => {
      const java = outcomeLines(javas[index]);
      const our = outcomeLines(ours[index]);
      return java.join() === our.join()
        ? [`${index} ${stepInWords(step)}`, ...java.map((line) => `    both  ${line}`)]
        : [
            `${index} ${stepInWords(step)}`,
            ...java.map((line) => `    Java  ${line}`),
            ...our.map((line) => `    ours  ${line}`),
          ];
    })
    .join('\n');

const stepInWords = (step: Step): string =>
  'advanceMs' in step
    ? `the clock advances by ${step.advanceMs} ms`
    : `${step.topic}: ${recordInWords(step)}`;

function outcomeLines(outcome: Outcome | undefined): readonly string[] {
  if (outcome === undefined) return ['not played'];
  const records = Object.keys(outcome.records)
    .sort()
    .flatMap((topic) => outcome.records[topic]!.map((record) => `${topic}: ${recordInWords(record)}`));
  return [...records, outcome.error ?? `${outcome.dropped} dropped so far`];
}
