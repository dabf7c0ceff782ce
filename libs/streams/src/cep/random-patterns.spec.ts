import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { checkPattern } from './pattern.ts';
import type { PatternDefinition, PatternStep } from './pattern-definition.ts';
import { KeyRuns, runnable } from './key-runs.ts';
import { naiveMatches } from './naive-matches.fixture.ts';
import type { PlacedEvent, TakenEvent } from './run.ts';

interface Letter {
  readonly letter: string;
  readonly timeMs: number;
}

type Step = PatternStep<Letter>;

const condition = fc.oneof(
  fc.constantFrom('A', 'B', 'C').map((wanted) => (event: Letter) => event.letter === wanted),
  fc.constant((event: Letter, { previous }: { readonly previous: Letter | undefined }) => {
    return event.letter !== previous?.letter;
  }),
);

const stepOf = (name: string, contiguities: readonly Step['contiguity'][], times: readonly Step['times'][]) =>
  fc.record<Step>({
    name: fc.constant(name),
    contiguity: fc.constantFrom(...contiguities),
    conditions: fc.array(condition, { maxLength: 1 }),
    times: fc.constantFrom(...times),
    isOptional: fc.constant(false),
    until: fc.constant(undefined),
  });

/** Patterns in which each first event has at most one match, so that skipping leaves no choice. */
const steps = (contiguities: readonly Step['contiguity'][], times: readonly Step['times'][]) =>
  fc
    .tuple(stepOf('x', ['next'], times), stepOf('y', contiguities, times), stepOf('z', contiguities, times))
    .chain((all) => fc.integer({ min: 1, max: 3 }).map((count) => all.slice(0, count)));

const events = fc.array(
  fc.record({ letter: fc.constantFrom('A', 'B', 'C'), gapMs: fc.integer({ min: 0, max: 3 }) }),
  { maxLength: 14 },
);

function timed(
  letters: ReadonlyArray<{ readonly letter: string; readonly gapMs: number }>,
): readonly Letter[] {
  let timeMs = 0;
  return letters.map(({ letter, gapMs }) => {
    timeMs += gapMs;
    return { letter, timeMs };
  });
}

/** All matches of ours, after a time at which no run is left. */
function ourMatches(definition: PatternDefinition<Letter>, letters: readonly Letter[]): readonly string[] {
  checkPattern(definition);
  const runs = new KeyRuns(runnable(definition, 100_000));
  const matches: TakenEvent<Letter>[] = [];
  for (const [sequence, value] of letters.entries()) {
    matches.push(...runs.expire(value.timeMs).matches);
    matches.push(...runs.take({ timeMs: value.timeMs, sequence, value }).matches);
  }
  matches.push(...runs.expire(1_000_000).matches);
  return matches.map(inWords);
}

function inWords(match: TakenEvent<Letter>): string {
  const words: string[] = [];
  for (let taken: TakenEvent<Letter> | undefined = match; taken !== undefined; taken = taken.before)
    words.unshift(`${taken.step.name}${(taken.event satisfies PlacedEvent<Letter>).sequence}`);
  return words.join(' ');
}

describe('a random pattern', () => {
  it('has the matches that trying everything finds', () => {
    const all = steps(['next', 'followedBy', 'followedByAny'], [undefined, 1, 2, 'oneOrMore']);
    fc.assert(
      fc.property(all, events, fc.integer({ min: 1, max: 12 }), (drawn, letters, withinMs) => {
        const definition = { steps: drawn, withinMs, afterMatch: { kind: 'noSkip' } } as const;
        const expected = naiveMatches(definition, timed(letters));
        expect([...ourMatches(definition, timed(letters))].sort()).toEqual([...expected].sort());
      }),
      { numRuns: 2_000 },
    );
  });

  it('has those of them that the skip strategy leaves, in the order of their first events', () => {
    const single = steps(['next', 'followedBy'], [undefined, 1, 2]);
    const afterMatch = fc.constantFrom(
      { kind: 'skipToNext' },
      { kind: 'skipPastLastEvent' },
      { kind: 'skipToFirst', step: 'x' },
      { kind: 'skipToLast', step: 'x' },
    ) as fc.Arbitrary<PatternDefinition<Letter>['afterMatch']>;
    fc.assert(
      fc.property(single, events, fc.integer({ min: 1, max: 12 }), afterMatch, (drawn, letters, ms, skip) => {
        const definition = { steps: drawn, withinMs: ms, afterMatch: skip };
        const expected = naiveMatches(definition, timed(letters));
        expect(ourMatches(definition, timed(letters))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
