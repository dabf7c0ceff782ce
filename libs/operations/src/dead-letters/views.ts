import type { LetterFilter, LetterView, ListedLetter, Outcomes } from '../contract/index.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Outcome, Decision } from './decisions.ts';

/** A letter without its payload, as `/ops` lists it. */
export const listedOf = (letter: DeadLetter, decided: Decision | undefined): ListedLetter => ({
  id: letter.id,
  topic: letter.origin,
  group: letter.group,
  type: letter.type,
  key: letter.key,
  messageId: letter.messageId,
  code: letter.code,
  reason: letter.reason,
  attempts: letter.attempts,
  redrives: letter.redrives,
  at: letter.at,
  decision: decided === undefined ? null : { ...decided, edited: [...decided.edited] },
});

/**
 * A letter with its payload, its headers and the stack of its error, as `/ops` shows a single one.
 */
export const viewOfLetter = (letter: DeadLetter, decided: Decision | undefined): LetterView => ({
  ...listedOf(letter, decided),
  value: letter.record.value?.toString('utf8') ?? null,
  headers: Object.fromEntries([...letter.record.headers].filter(([name]) => name !== 'dlq_stack')),
  stack: letter.record.headers.get('dlq_stack') ?? '',
});

/** Whether a letter has all properties that the filter names. */
export const fits = ({ origin, type, code, key }: DeadLetter, wanted: LetterFilter): boolean =>
  (wanted.topic ?? origin) === origin &&
  (wanted.type ?? type) === type &&
  (wanted.code ?? code) === code &&
  (wanted.key === undefined || wanted.key === key);

interface OutcomesOf {
  readonly outcomes: readonly Outcome[];
  readonly unknown: readonly string[];
  readonly dryRun: boolean;
  readonly edited: readonly string[];
  readonly nextCursor: string | null;
}

/** The answer to a decision. Letters that were not found count as refused. */
export function outcomesOf({ outcomes, unknown, dryRun, edited, nextCursor }: OutcomesOf): Outcomes {
  const count = (wanted: string) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  const redriven = count('redriven');
  const discarded = count('discarded');
  return {
    dryRun,
    redriven,
    discarded,
    refused: outcomes.length + unknown.length - redriven - discarded,
    edited: [...edited],
    items: [
      ...outcomes.map(({ letter, outcome }) => ({ id: letter.id, outcome })),
      ...unknown.map((id) => ({ id, outcome: 'unknown_dead_letter' as const })),
    ],
    more: nextCursor !== null,
    nextCursor,
  };
}

/** The number of letters with one kind of error. `oldestAt` is ISO 8601, UTC. */
interface ReasonCount {
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
