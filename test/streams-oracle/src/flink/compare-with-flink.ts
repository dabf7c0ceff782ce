import { isDeepStrictEqual } from 'node:util';
import { findOurs } from './find-ours.ts';
import type { FlinkCep, Found } from './flink-cep.ts';
import { type PatternCase, randomCase, type Skip } from './pattern-case.ts';

const casesPerJob = 50;

interface PatternFinding {
  readonly seed: number;
  readonly drawn: PatternCase;
  readonly flinks: Found;
  readonly ours: Found;
}

interface PatternTally {
  readonly skip: Skip['kind'];
  cases: number;
  matches: number;
  timedOut: number;
  differences: number;
}

export interface PatternReport {
  /** The first seed. */
  readonly seed: number;
  readonly seeds: number;
  readonly tallies: readonly PatternTally[];
  readonly findings: readonly PatternFinding[];
}

/** Compares the matches and the partial matches that timed out of each seed's case, in order. */
export async function compareWithFlink(
  flink: FlinkCep,
  { seed: first, seeds }: Pick<PatternReport, 'seed' | 'seeds'>,
): Promise<PatternReport> {
  const findings: PatternFinding[] = [];
  const tallies = new Map<Skip['kind'], PatternTally>();
  for (let done = 0; done < seeds; done += casesPerJob) {
    const some = Array.from({ length: Math.min(casesPerJob, seeds - done) }, (_, index) => {
      const seed = first + done + index;
      return { seed, drawn: randomCase(seed) };
    });
    const found = await flink.run(some.map(({ drawn }) => drawn));
    for (const [index, { seed, drawn }] of some.entries()) {
      const flinks = found[index]!;
      const ours = findOurs(drawn);
      const differs = !isDeepStrictEqual(flinks, ours);
      if (differs) findings.push({ seed, drawn, flinks, ours });
      count(tallies, drawn.skip.kind, flinks, differs);
    }
  }
  return { seed: first, seeds, tallies: [...tallies.values()], findings };
}

function count(
  tallies: Map<Skip['kind'], PatternTally>,
  skip: Skip['kind'],
  { matches, timedOut }: Found,
  differs: boolean,
): void {
  const tally = tallies.get(skip) ?? { skip, cases: 0, matches: 0, timedOut: 0, differences: 0 };
  tallies.set(skip, tally);
  tally.cases += 1;
  tally.matches += matches.length;
  tally.timedOut += timedOut.length;
  if (differs) tally.differences += 1;
}

const findingsShownMax = 3;

export const patternsInWords = ({ seed: first, seeds, tallies, findings }: PatternReport): string =>
  [
    ...findings
      .slice(0, findingsShownMax)
      .flatMap(({ seed, drawn, flinks, ours }) => [
        `seed ${seed}: ${JSON.stringify(drawn)}`,
        `    Flink ${JSON.stringify(flinks)}`,
        `    ours  ${JSON.stringify(ours)}`,
        `    npm run program -- test/streams-oracle/src/flink/main.ts --seed ${seed} --seeds 1`,
      ]),
    ...tallies.map(
      ({ skip, cases, matches, timedOut, differences }) =>
        `${skip}: ${cases} cases, ${matches} matches and ${timedOut} time-outs of Flink, ${differences} differ`,
    ),
    `${seeds} seeds from ${first} on, ${findings.length} differ`,
  ].join('\n');
