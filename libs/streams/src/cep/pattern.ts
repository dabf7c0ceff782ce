import { TopologyError } from '../topology/topology-spec.ts';
import type {
  AfterMatch,
  Condition,
  Contiguity,
  PatternDefinition,
  PatternStep,
  UntypedCondition,
} from './pattern-definition.ts';

const stepsMax = 16;
const timesMax = 1_000;

/** The part of `Taken` whose steps take lists, which a step also sees of itself. */
type OwnLists<Last> = {
  readonly [
    Name in keyof Last as Exclude<Last[Name], undefined> extends readonly unknown[] ? Name : never
  ]: Last[Name];
};

/** The type of `previous` in the step after `Last`, which took nothing if it is optional or a "not". */
type PreviousAfter<T, Last, Previous> = object extends Last ? Previous : T;

/**
 * A pattern of events of one key. `Before & Last` is the type of its matches: the events by the
 * names of their steps. Every call returns a new pattern. Calls that make no sense, such as a name
 * that is used twice, throw a `TopologyError` that names the step and the remedy.
 *
 * The semantics are those of Flink CEP 2.2.
 */
export class Pattern<T, Before, Last, Previous> {
  /** The pattern as data, for `detect`. */
  readonly definition: PatternDefinition<T>;

  constructor(definition: PatternDefinition<T>) {
    this.definition = definition;
  }

  /** The last step takes only events for which this holds. Several conditions must all hold. */
  where(condition: Condition<T, Previous, Before & OwnLists<Last>>): Pattern<T, Before, Last, Previous> {
    const step = this.#last;
    return this.#withLast({ conditions: [...step.conditions, condition as UntypedCondition<T>] });
  }

  /** The next event of the key must match. If it does not, the run ends. */
  next<Name extends string>(name: Name) {
    return this.#then<{ readonly [N in Name]: T }>(name, 'next');
  }

  /** The first event that matches is taken. The others before it are left out. */
  followedBy<Name extends string>(name: Name) {
    return this.#then<{ readonly [N in Name]: T }>(name, 'followedBy');
  }

  /** Each later event that matches gives a run of its own. */
  followedByAny<Name extends string>(name: Name) {
    return this.#then<{ readonly [N in Name]: T }>(name, 'followedByAny');
  }

  /** The next event must not match. As the last step, it completes the match with the next event. */
  notNext(name: string) {
    return this.#then<object>(name, 'notNext');
  }

  /**
   * No event until the one that the next step takes may match. As the last step, it completes the
   * match when `within` has passed. Needs `within`.
   */
  notFollowedBy(name: string) {
    return this.#then<object>(name, 'notFollowedBy');
  }

  /** The last step takes exactly this many events. Others may come between them. From 1 to 1,000. */
  times(count: number): Pattern<T, Before, { readonly [N in keyof Last]: readonly T[] }, Previous> {
    if (!Number.isInteger(count) || count < 1 || count > timesMax)
      throw refused(this.#last.name, `times(${count})`, `Give a whole number from 1 to ${timesMax}`);
    return this.#repeated(`times(${count})`, count);
  }

  /** The last step takes one event or more. Each number of events gives a run of its own. */
  oneOrMore(): Pattern<T, Before, { readonly [N in keyof Last]: readonly T[] }, Previous> {
    return this.#repeated('oneOrMore()', 'oneOrMore');
  }

  /** The last step may take nothing. The match then lacks its name. */
  optional(): Pattern<T, Before, Partial<Last>, Previous> {
    const { name, isOptional } = this.#last;
    this.#requirePositive('optional()');
    if (isOptional) throw refused(name, 'optional() twice', 'Call it once');
    return this.#withLast({ isOptional: true });
  }

  /** Ends a `oneOrMore` step: it takes no more events from the first one for which this holds. */
  until(condition: Condition<T, Previous, Before & OwnLists<Last>>): Pattern<T, Before, Last, Previous> {
    const { name, times, until } = this.#last;
    if (times !== 'oneOrMore') throw refused(name, 'until(...)', 'Call oneOrMore() before it');
    if (until !== undefined) throw refused(name, 'until(...) twice', 'Join the conditions with ||');
    return this.#withLast({ until: condition as UntypedCondition<T> });
  }

  /**
   * The first and the last event of a match are less than this many milliseconds apart. Exactly as
   * far apart does not match.
   */
  within(ms: number): Pattern<T, Before, Last, Previous> {
    if (!Number.isInteger(ms) || ms < 1)
      throw refused(this.#last.name, `within(${ms})`, 'Give whole milliseconds from 1');
    if (this.definition.withinMs !== undefined)
      throw refused(this.#last.name, 'within(...) twice', 'It holds for the whole pattern: call it once');
    return new Pattern({ ...this.definition, withinMs: ms });
  }

  /** Every match is found, also those that share events. This is the default. */
  noSkip(): Pattern<T, Before, Last, Previous> {
    return this.#skipping({ kind: 'noSkip' });
  }

  /** A match ends all other runs that began with the same event. */
  skipToNext(): Pattern<T, Before, Last, Previous> {
    return this.#skipping({ kind: 'skipToNext' });
  }

  /** A match ends all runs that began with one of its events or between them. */
  skipPastLastEvent(): Pattern<T, Before, Last, Previous> {
    return this.#skipping({ kind: 'skipPastLastEvent' });
  }

  /** A match ends all runs that began before the first event of this step. */
  skipToFirst(step: keyof (Before & Last) & string): Pattern<T, Before, Last, Previous> {
    return this.#skipping({ kind: 'skipToFirst', step });
  }

  /** A match ends all runs that began before the last event of this step. */
  skipToLast(step: keyof (Before & Last) & string): Pattern<T, Before, Last, Previous> {
    return this.#skipping({ kind: 'skipToLast', step });
  }

  get #last(): PatternStep<T> {
    return this.definition.steps.at(-1)!;
  }

  #then<Step>(name: string, contiguity: Contiguity) {
    const { steps } = this.definition;
    if (steps.some((step) => step.name === name))
      throw refused(name, 'a name that another step has', 'Give each step a name of its own');
    if (steps.length === stepsMax)
      throw refused(name, `more than ${stepsMax} steps`, 'Use times(n), or detect in two stages');
    if (!takesEvents({ contiguity }) && this.#last.isOptional)
      throw refused(name, `${contiguity} after the optional step ${this.#last.name}`, twoPatterns);
    return new Pattern<T, Before & Last, Step, PreviousAfter<T, Last, Previous>>({
      ...this.definition,
      steps: [...steps, newStep<T>(name, contiguity)],
    });
  }

  #repeated(call: string, times: number | 'oneOrMore') {
    this.#requirePositive(call);
    if (this.#last.times !== undefined)
      throw refused(this.#last.name, `${call} beside another number of events`, 'Keep one of them');
    return this.#withLast<{ readonly [N in keyof Last]: readonly T[] }>({ times });
  }

  #requirePositive(call: string): void {
    const { name, contiguity } = this.#last;
    if (!takesEvents(this.#last))
      throw refused(name, `${call} in a ${contiguity} step, which takes no event`, `Remove ${call}`);
  }

  #skipping(afterMatch: AfterMatch): Pattern<T, Before, Last, Previous> {
    return new Pattern({ ...this.definition, afterMatch });
  }

  #withLast<NewLast = Last>(changes: Partial<PatternStep<T>>): Pattern<T, Before, NewLast, Previous> {
    const steps = [...this.definition.steps.slice(0, -1), { ...this.#last, ...changes }];
    return new Pattern({ ...this.definition, steps });
  }
}

const twoPatterns = 'Detect two patterns instead, one with the optional step and one without';

const newStep = <T>(name: string, contiguity: Contiguity): PatternStep<T> => {
  if (name === '') throw refused(name, 'an empty name', 'Give each step a name');
  return { name, contiguity, conditions: [], times: undefined, isOptional: false, until: undefined };
};

const refused = (step: string, what: string, remedy: string): TopologyError =>
  new TopologyError(`The step "${step}" of the pattern has ${what}. ${remedy}`);

/** Checks what only the whole pattern can tell. Throws `TopologyError`. */
export function checkPattern<T>({ steps, withinMs, afterMatch }: PatternDefinition<T>): void {
  const negated = steps.filter(({ contiguity }) => contiguity === 'notFollowedBy');
  if (withinMs === undefined && negated[0] !== undefined)
    throw refused(
      negated[0].name,
      'notFollowedBy, which needs a time limit',
      'Add .within(ms) to the pattern',
    );
  if (!('step' in afterMatch)) return;
  const taking = steps.filter(takesEvents).map(({ name }) => name);
  if (taking.includes(afterMatch.step)) return;
  throw refused(
    afterMatch.step,
    `a call of ${afterMatch.kind}, but it takes no event`,
    `Name one of the steps that do: ${taking.join(', ')}`,
  );
}

const takesEvents = ({ contiguity }: Pick<PatternStep<never>, 'contiguity'>): boolean =>
  contiguity !== 'notNext' && contiguity !== 'notFollowedBy';

/**
 * Begins a pattern of events of type `T` with a step of this name. TypeScript cannot infer a name
 * beside a given `T`, so the first step is called `first`, or as in `begin<Login, 'failed'>('failed')`.
 *
 * @example
 * ```ts
 * import { minutes } from '@millrace/streams';
 * import { begin } from '@millrace/streams/cep';
 *
 * export const guessing = begin<{ readonly failed: boolean }, 'failures'>('failures')
 *   .where((login) => login.failed)
 *   .times(3)
 *   .next('success')
 *   .where((login) => !login.failed)
 *   .within(minutes(5));
 * ```
 */
export const begin = <T, Name extends string = 'first'>(name: Name) =>
  new Pattern<T, object, { readonly [N in Name]: T }, T | undefined>({
    steps: [newStep<T>(name, 'next')],
    withinMs: undefined,
    afterMatch: { kind: 'noSkip' },
  });
