import type { PatternDefinition, PatternStep } from './pattern-definition.ts';

interface Timed {
  readonly timeMs: number;
}

/** The events of a match by their places in the input, with the step that took each. */
type Path<T> = ReadonlyArray<{ readonly step: PatternStep<T>; readonly at: number }>;

/**
 * The matches of a pattern in events of one key, found by trying everything: for each first event
 * every way to go on, as the words of the pattern say. `within` must be set.
 */
export function naiveMatches<T extends Timed>(
  definition: PatternDefinition<T>,
  events: readonly T[],
): readonly string[] {
  const { steps, withinMs = 0 } = definition;
  const paths = events
    .flatMap((_, at) => [...pathsFrom(steps, events, [], at)])
    .filter((path) => events[path.at(-1)!.at]!.timeMs - events[path[0]!.at]!.timeMs < withinMs);
  return kept(definition, paths).map((path) => path.map(({ step, at }) => `${step.name}${at}`).join(' '));
}

/** The ways in which the steps can take events after the path. The first event is at `begin`. */
function* pathsFrom<T extends Timed>(
  steps: readonly PatternStep<T>[],
  events: readonly T[],
  path: Path<T>,
  begin: number,
): Generator<Path<T>> {
  const [step, ...rest] = steps;
  if (step === undefined) return yield path;
  const counts = typeof step.times === 'number' ? [step.times] : [1];
  const most = step.times === 'oneOrMore' ? events.length : counts[0]!;
  for (const at of places(step, events, path, begin)) {
    let longer: Path<T> = [...path, { step, at }];
    for (let count = 1; ; count += 1) {
      if (step.times === 'oneOrMore' || count === most) yield* pathsFrom(rest, events, longer, begin);
      if (count === most) break;
      const next = firstMatch(step, events, longer);
      if (next === undefined) break;
      longer = [...longer, { step, at: next }];
    }
  }
}

function places<T extends Timed>(
  step: PatternStep<T>,
  events: readonly T[],
  path: Path<T>,
  begin: number,
): readonly number[] {
  const last = path.at(-1)?.at;
  const from = last === undefined ? begin : last + 1;
  if (step.contiguity === 'next' || last === undefined)
    return from < events.length && holds(step, events, path, from) ? [from] : [];
  if (step.contiguity === 'followedBy') {
    const first = firstMatch(step, events, path);
    return first === undefined ? [] : [first];
  }
  return events.flatMap((_, at) => (at >= from && holds(step, events, path, at) ? [at] : []));
}

function firstMatch<T extends Timed>(
  step: PatternStep<T>,
  events: readonly T[],
  path: Path<T>,
): number | undefined {
  const from = path.at(-1)!.at + 1;
  const found = events.findIndex((_, at) => at >= from && holds(step, events, path, at));
  return found < 0 ? undefined : found;
}

const holds = <T extends Timed>(
  step: PatternStep<T>,
  events: readonly T[],
  path: Path<T>,
  at: number,
): boolean => {
  const previous = path.length === 0 ? undefined : events[path.at(-1)!.at];
  return step.conditions.every((condition) => condition(events[at]!, { previous, taken: {} }));
};

/** The matches that the skip strategy leaves, by their first events. */
function kept<T>({ afterMatch }: PatternDefinition<T>, paths: readonly Path<T>[]): readonly Path<T>[] {
  let earliest = 0;
  return paths.filter((path) => {
    if (path[0]!.at < earliest) return false;
    if (afterMatch.kind === 'skipPastLastEvent') earliest = path.at(-1)!.at + 1;
    if (afterMatch.kind === 'skipToNext') earliest = path[0]!.at + 1;
    if (afterMatch.kind === 'skipToFirst')
      earliest = Math.max(earliest, path.find(({ step }) => step.name === afterMatch.step)!.at);
    if (afterMatch.kind === 'skipToLast')
      earliest = Math.max(earliest, path.findLast(({ step }) => step.name === afterMatch.step)!.at);
    return true;
  });
}
