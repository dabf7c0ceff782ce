import { isDescribedAlike } from './compare/description.ts';
import { firstDifference, type Difference } from './compare/differences.ts';
import type { Outcome } from './compare/outcome.ts';
import type { JavaOracle } from './java-oracle.ts';
import { describeOurs, playOurs } from './play-ours.ts';
import { randomScript } from './scripts/random-script.ts';
import type { Step } from './scripts/script.ts';
import { allCases } from './topologies/all-cases.ts';
import type { TopologyCase } from './topologies/topology-case.ts';

export interface Finding extends Difference {
  readonly topology: string;
  readonly seed: number;
  /** The number of the script, which chooses the topology too. */
  readonly script: number;
}

export interface CaseReport {
  readonly topology: string;
  readonly isDescribedAlike: boolean;
  readonly scripts: number;
  readonly steps: number;
  readonly records: number;
  readonly dropped: number;
  readonly errors: number;
  readonly differences: number;
}

export interface OracleReport {
  readonly seed: number;
  readonly scripts: number;
  readonly cases: readonly CaseReport[];
  readonly descriptions: ReadonlyArray<{
    readonly topology: string;
    readonly javas: string;
    readonly ours: string;
  }>;
  readonly findings: readonly Finding[];
}

export interface OracleOptions {
  readonly seed: number;
  /** The scripts to play. Each topology gets its share. */
  readonly scripts: readonly number[];
  readonly cases?: readonly TopologyCase[];
  readonly onPlayed?: ((played: Played) => void) | undefined;
}

/** One script and what both sides made of it. */
export interface Played {
  readonly steps: readonly Step[];
  readonly javas: readonly Outcome[];
  readonly ours: readonly Outcome[];
}

/** The scripts of different seeds and numbers do not repeat each other within ten million. */
export const scriptSeed = (seed: number, script: number): number => seed * 10_000_019 + script;

/** How many scripts Java gets ahead of us, so that both sides work at the same time. */
const ahead = 8;

/** Plays the same scripts in Java and here. */
export async function compareWithJava(java: JavaOracle, options: OracleOptions): Promise<OracleReport> {
  const { seed, scripts, cases = allCases, onPlayed } = options;
  const tallies = new Map(cases.map((each) => [each.name, emptyTally()]));
  const findings: Finding[] = [];
  const plays = scripts.map((script) => {
    const each = cases[script % cases.length] as TopologyCase;
    return { script, each, steps: randomScript(scriptSeed(seed, script), each.inputs) };
  });
  const started: Array<Promise<readonly Outcome[]>> = [];
  for (const [index, { script, each, steps }] of plays.entries()) {
    while (started.length < Math.min(index + ahead, plays.length)) {
      const next = plays[started.length]!;
      started.push(java.play(next.each, next.steps));
    }
    const ours = playOurs(each, steps);
    const javas = await started[index]!;
    onPlayed?.({ steps, javas, ours });
    const difference = firstDifference(javas, ours);
    if (difference !== undefined) findings.push({ topology: each.name, seed, script, ...difference });
    count(tallies.get(each.name)!, javas, difference !== undefined);
  }
  const descriptions = await describedDifferently(java, cases);
  const unlike = new Set(descriptions.map(({ topology }) => topology));
  return {
    seed,
    scripts: scripts.length,
    cases: [...tallies].map(([topology, tally]) => ({
      topology,
      isDescribedAlike: !unlike.has(topology),
      scripts: tally.scripts,
      steps: tally.steps,
      records: tally.records,
      dropped: tally.dropped,
      errors: tally.errors,
      differences: tally.differences,
    })),
    descriptions,
    findings,
  };
}

type Tally = { -readonly [Name in keyof Omit<CaseReport, 'topology' | 'isDescribedAlike'>]: number };

const emptyTally = (): Tally => ({ scripts: 0, steps: 0, records: 0, dropped: 0, errors: 0, differences: 0 });

function count(tally: Tally, javas: readonly Outcome[], differs: boolean): void {
  tally.scripts += 1;
  tally.steps += javas.length;
  tally.dropped += javas.findLast(({ dropped }) => dropped !== undefined)?.dropped ?? 0;
  if (differs) tally.differences += 1;
  for (const { records, error } of javas) {
    if (error !== undefined) tally.errors += 1;
    for (const written of Object.values(records)) tally.records += written.length;
  }
}

async function describedDifferently(
  java: JavaOracle,
  cases: readonly TopologyCase[],
): Promise<OracleReport['descriptions']> {
  const javas = await Promise.all(cases.map((each) => java.describe(each)));
  return cases.flatMap((each, index) => {
    const ours = describeOurs(each);
    const javaText = javas[index]!;
    return isDescribedAlike(javaText, ours) ? [] : [{ topology: each.name, javas: javaText, ours }];
  });
}
