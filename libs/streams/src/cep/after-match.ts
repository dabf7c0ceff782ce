import type { AfterMatch } from './pattern-definition.ts';
import { compareEvents, takenUpTo, type PlacedEvent, type Run, type TakenEvent } from './run.ts';
import { compareStarts, type RunQueue } from './run-queue.ts';

/**
 * Takes the complete runs that are matches now, in the order of their first events, and ends the
 * runs that each of them skips. A complete run waits while one that began earlier is still open,
 * unless matches skip nothing.
 */
export function takeMatches<T>(
  afterMatch: AfterMatch,
  open: RunQueue<T>,
  complete: RunQueue<T>,
): readonly TakenEvent<T>[] {
  const matches: TakenEvent<T>[] = [];
  while (complete.first !== undefined) {
    const isOvertaken = open.first !== undefined && compareStarts(complete.first, open.first) > 0;
    if (isOvertaken && afterMatch.kind !== 'noSkip') break;
    const match = complete.takeFirst()!.last!;
    const isSkipped = skippedBy(match, afterMatch);
    open.remove(isSkipped);
    complete.remove(isSkipped);
    matches.push(match);
  }
  return matches;
}

function skippedBy<T>(match: TakenEvent<T>, afterMatch: AfterMatch): (run: Run<T>) => boolean {
  const events = takenUpTo(match);
  switch (afterMatch.kind) {
    case 'noSkip':
      return () => false;
    case 'skipToNext':
      return beganUpTo(events[0]!.event);
    case 'skipPastLastEvent':
      return beganUpTo(match.event);
    case 'skipToFirst':
      return beganBefore(events.find(({ step }) => step.name === afterMatch.step)?.event);
    case 'skipToLast':
      return beganBefore(events.findLast(({ step }) => step.name === afterMatch.step)?.event);
  }
}

const beganUpTo =
  <T>(limit: PlacedEvent<T>) =>
  ({ first }: Run<T>): boolean =>
    first !== undefined && compareEvents(first, limit) <= 0;

/** An optional step may have taken no event. It then skips nothing. */
const beganBefore =
  <T>(limit: PlacedEvent<T> | undefined) =>
  ({ first }: Run<T>): boolean =>
    first !== undefined && limit !== undefined && compareEvents(first, limit) < 0;
