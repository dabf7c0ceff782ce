import type { DeadLetter } from '../dead-letters/dead-letter.ts';

/** The number of letters with one kind of error. `oldestAt` is ISO 8601, UTC. */
export interface ReasonCount {
  readonly topic: string;
  readonly group: string;
  readonly type: string;
  readonly code: string;
  readonly letters: number;
  readonly oldestAt: string;
  readonly latestReason: string;
}

/** Counts letters by topic, group, type and kind of error, the most frequent first. */
export function byReason(letters: readonly DeadLetter[]): readonly ReasonCount[] {
  const counts = new Map<string, ReasonCount>();
  for (const { origin: topic, group, type, code, at, reason } of letters) {
    const name = JSON.stringify([topic, group, type, code]);
    const known = counts.get(name) ?? {
      topic,
      group,
      type,
      code,
      letters: 0,
      oldestAt: at,
      latestReason: '',
    };
    counts.set(name, { ...known, letters: known.letters + 1, latestReason: reason });
  }
  return [...counts.values()].sort((one, other) => other.letters - one.letters);
}
