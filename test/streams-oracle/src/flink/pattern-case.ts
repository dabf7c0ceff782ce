import { diceOf, type Dice } from '../scripts/dice.ts';

/** What an event must be, as data, so that Java and TypeScript ask the same. */
export type Condition =
  | { readonly kind: 'letter'; readonly letter: string }
  /** Another letter than that of the event that the run took last. */
  | { readonly kind: 'differs' }
  /** No smaller number than that of the event that the run took last. */
  | { readonly kind: 'rises' }
  /** The sum of the numbers that the step has taken stays within the limit. */
  | { readonly kind: 'sum'; readonly limit: number };

export interface Step {
  readonly name: string;
  readonly contiguity: 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';
  readonly conditions: readonly Condition[];
  readonly times?: number | 'oneOrMore';
  readonly until?: Condition;
  readonly isOptional: boolean;
}

export type Skip =
  | { readonly kind: 'noSkip' | 'skipToNext' | 'skipPastLastEvent' }
  | { readonly kind: 'skipToFirst' | 'skipToLast'; readonly step: string };

export interface Letter {
  readonly letter: string;
  readonly number: number;
  readonly timeMs: number;
}

/** A pattern, and the events of one key in the order of their times. */
export interface PatternCase {
  readonly steps: readonly Step[];
  readonly withinMs?: number;
  readonly skip: Skip;
  readonly events: readonly Letter[];
}

const letters = ['A', 'B', 'C'];
const skips = ['noSkip', 'skipToNext', 'skipPastLastEvent', 'skipToFirst', 'skipToLast'] as const;

const takes = ({ contiguity }: Step): boolean => contiguity !== 'notNext' && contiguity !== 'notFollowedBy';

/** The case of a seed. Seeds go through the skip strategies in turn. */
export function randomCase(seed: number): PatternCase {
  const dice = diceOf(seed);
  const kind = skips[seed % skips.length]!;
  const steps: Step[] = [];
  const count = dice.between(2, 4);
  while (steps.length < count) steps.push(randomStep(dice, steps));
  const skip =
    kind === 'skipToFirst' || kind === 'skipToLast'
      ? { kind, step: dice.pick(steps.filter(takes)).name }
      : { kind };
  const isBounded = steps.some(({ contiguity }) => contiguity === 'notFollowedBy') || dice.chance(0.7);
  return {
    steps,
    ...(isBounded && { withinMs: dice.between(2, 20) }),
    skip,
    events: randomEvents(dice),
  };
}

function randomStep(dice: Dice, before: readonly Step[]): Step {
  const last = before.at(-1);
  const name = `s${before.length}`;
  const conditions = dice.chance(0.85) ? [randomCondition(dice)] : [];
  if (last === undefined)
    return { name, contiguity: 'next', conditions, isOptional: dice.chance(0.1), ...quantified(dice) };
  if (!last.isOptional && dice.chance(0.3)) {
    const contiguity = dice.pick(['notNext', 'notFollowedBy'] as const);
    return { name, contiguity, conditions: [randomCondition(dice)], isOptional: false };
  }
  const contiguity = dice.pick(['next', 'followedBy', 'followedByAny'] as const);
  return { name, contiguity, conditions, isOptional: dice.chance(0.2), ...quantified(dice) };
}

function quantified(dice: Dice): Pick<Step, 'times' | 'until'> {
  if (dice.chance(0.6)) return {};
  if (dice.chance(0.5)) return { times: dice.between(1, 3) };
  return { times: 'oneOrMore', ...(dice.chance(0.4) && { until: randomCondition(dice) }) };
}

function randomCondition(dice: Dice): Condition {
  const kind = dice.pick(['letter', 'letter', 'letter', 'differs', 'rises', 'sum'] as const);
  if (kind === 'letter') return { kind, letter: dice.pick(letters) };
  return kind === 'sum' ? { kind, limit: dice.between(3, 12) } : { kind };
}

function randomEvents(dice: Dice): readonly Letter[] {
  const events: Letter[] = [];
  let timeMs = 1_000;
  for (let left = dice.between(3, 12); left > 0; left -= 1) {
    timeMs += dice.between(0, 4);
    events.push({ letter: dice.pick(letters), number: dice.between(0, 5), timeMs });
  }
  return events;
}
