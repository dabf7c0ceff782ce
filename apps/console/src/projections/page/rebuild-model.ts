import type { Rebuild } from '../../api/projections.ts';
import { many, perSecond, span } from '../../kit/words.ts';

export type Action = 'rebuild' | 'pause' | 'resume' | 'cancel';

/** Returns the actions that are possible now. */
export function actionsOf(rebuild: Rebuild | null): readonly Action[] {
  if (rebuild === null) return ['rebuild'];
  return [rebuild.paused ? 'resume' : 'pause', 'cancel'];
}

export const stateOf = (rebuild: Rebuild | null): 'in_use' | 'paused' | 'rebuilding' =>
  rebuild === null ? 'in_use' : rebuild.paused ? 'paused' : 'rebuilding';

/** Returns the share of the events that is in the new tables, between 0 and 1. */
export function partDone({ position, last }: Pick<Rebuild, 'position' | 'last'>): number {
  const all = Number(last);
  return all === 0 ? 1 : Math.min(1, Number(position) / all);
}

/** Describes the progress of a rebuild and its remaining time, as far as known. */
export function progressSentence(rebuild: Rebuild): string {
  const { lagEvents, eventsPerSecond, remainingMs, paused } = rebuild;
  const left = `${Math.floor(partDone(rebuild) * 100)} %, ${many(lagEvents, 'event')} left`;
  if (paused) return left;
  const rate = eventsPerSecond > 0 ? `, ${perSecond(eventsPerSecond)}` : '';
  return remainingMs === null ? `${left}${rate}` : `${left}${rate}, about ${span(remainingMs)} to go`;
}
